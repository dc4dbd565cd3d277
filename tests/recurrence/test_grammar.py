"""The strict grammar: what is accepted has one normalised text, what is refused is refused for a named part."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gather.recurrence import RecurrenceError, Rule, parse_rrule
from tests.support.recurrence import rules

ACCEPTED = {
    "FREQ=DAILY": "FREQ=DAILY",
    "freq=weekly;byday=tu,mo": "FREQ=WEEKLY;BYDAY=MO,TU",
    "INTERVAL=1;FREQ=DAILY": "FREQ=DAILY",
    "WKST=SU;BYDAY=SU;INTERVAL=2;FREQ=WEEKLY": "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=SU",
    "FREQ=WEEKLY;WKST=MO": "FREQ=WEEKLY",
    "FREQ=DAILY;COUNT=1000": "FREQ=DAILY;COUNT=1000",
    "FREQ=DAILY;INTERVAL=999": "FREQ=DAILY;INTERVAL=999",
    "FREQ=DAILY;BYDAY=SA,SU;BYMONTH=7,6": "FREQ=DAILY;BYMONTH=6,7;BYDAY=SA,SU",
    "FREQ=DAILY;UNTIL=20260501": "FREQ=DAILY;UNTIL=20260501",
    "FREQ=DAILY;UNTIL=20260501T180000": "FREQ=DAILY;UNTIL=20260501T180000",
    "FREQ=DAILY;UNTIL=20260501T160000Z": "FREQ=DAILY;UNTIL=20260501T160000Z",
    "FREQ=MONTHLY;BYDAY=+2TU,-1FR": "FREQ=MONTHLY;BYDAY=2TU,-1FR",
    "FREQ=MONTHLY;BYMONTHDAY=31,-1,31": "FREQ=MONTHLY;BYMONTHDAY=-1,31",
    "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13": "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=YEARLY": "FREQ=YEARLY",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
    "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH": "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
}

REFUSED = [
    ("", "RRULE", "NAME=VALUE"),
    ("FREQ=DAILY;", "RRULE", "single semicolons"),
    ("FREQ", "FREQ", "NAME=VALUE"),
    ("FREQ=", "FREQ=", "NAME=VALUE"),
    ("RRULE:FREQ=DAILY", "RRULE:FREQ", "not accepted"),
    ("FREQ=DAILY ;COUNT=2", "RRULE", "spaces"),
    ("FREQ=DAILY\nEXDATE:20260501", "RRULE", "line breaks"),
    ("FREQ=DAILY;COUNT=\u0663", "RRULE", "characters"),
    ("FREQ=DAILY;BYDAY=" + "MO," * 200 + "MO", "RRULE", "longer than 500"),
    ("COUNT=3", "FREQ", "missing"),
    ("FREQ=FORTNIGHTLY", "FREQ", "not DAILY"),
    ("FREQ=SECONDLY", "FREQ", "more often than daily"),
    ("FREQ=MINUTELY", "FREQ", "more often than daily"),
    ("FREQ=HOURLY", "FREQ", "more often than daily"),
    ("FREQ=DAILY;FREQ=WEEKLY", "FREQ", "more than once"),
    ("FREQ=DAILY;COUNT=3;COUNT=3", "COUNT", "more than once"),
    ("FREQ=DAILY;INTERVAL=0", "INTERVAL", "1 to 999"),
    ("FREQ=DAILY;INTERVAL=1000", "INTERVAL", "1 to 999"),
    ("FREQ=DAILY;INTERVAL=-1", "INTERVAL", "1 to 999"),
    ("FREQ=DAILY;INTERVAL=1.5", "INTERVAL", "1 to 999"),
    ("FREQ=DAILY;INTERVAL=" + "9" * 400, "INTERVAL", "1 to 999"),
    ("FREQ=DAILY;COUNT=0", "COUNT", "1 to 1000"),
    ("FREQ=DAILY;COUNT=1001", "COUNT", "1 to 1000"),
    ("FREQ=DAILY;COUNT=2;UNTIL=20260501", "UNTIL", "beside COUNT"),
    ("FREQ=DAILY;UNTIL=2026-05-01", "UNTIL", "YYYYMMDD"),
    ("FREQ=DAILY;UNTIL=20260230", "UNTIL", "no date of the calendar"),
    ("FREQ=DAILY;UNTIL=20260501T250000Z", "UNTIL", "no date of the calendar"),
    ("FREQ=DAILY;UNTIL=20260501T180000+0200", "UNTIL", "YYYYMMDD"),
    ("FREQ=WEEKLY;BYDAY=1MO", "BYDAY", "needs FREQ=MONTHLY"),
    ("FREQ=YEARLY;BYDAY=1MO", "BYDAY", "with BYMONTH"),
    ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY", "1 to 5"),
    ("FREQ=MONTHLY;BYDAY=6MO", "BYDAY", "1 to 5"),
    ("FREQ=WEEKLY;BYDAY=MO,,TU", "BYDAY", "empty item"),
    ("FREQ=WEEKLY;BYDAY=MON", "BYDAY", "not a weekday"),
    ("FREQ=DAILY;BYMONTHDAY=1", "BYMONTHDAY", "needs FREQ=MONTHLY"),
    ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY", "needs FREQ=MONTHLY"),
    ("FREQ=YEARLY;BYMONTHDAY=1", "BYMONTHDAY", "with BYMONTH"),
    ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY", "1 to 31"),
    ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY", "1 to 31"),
    ("FREQ=YEARLY;BYMONTH=13", "BYMONTH", "1 to 12"),
    ("FREQ=YEARLY;BYMONTH=-1", "BYMONTH", "1 to 12"),
    ("FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=1", "BYSETPOS", "needs FREQ=MONTHLY and BYDAY"),
    ("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=1", "BYSETPOS", "needs FREQ=MONTHLY and BYDAY"),
    ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "BYSETPOS", "1 to 31"),
    ("FREQ=WEEKLY;WKST=XX", "WKST", "MO, TU"),
    ("FREQ=DAILY;DTSTART=20260501T000000Z", "DTSTART", "not accepted"),
    ("FREQ=DAILY;EXDATE=20260501", "EXDATE", "not accepted"),
    ("FREQ=DAILY;RDATE=20260501", "RDATE", "not accepted"),
    ("FREQ=YEARLY;BYEASTER=0", "BYEASTER", "not accepted"),
    ("FREQ=YEARLY;BYWEEKNO=20", "BYWEEKNO", "not accepted"),
    ("FREQ=YEARLY;BYYEARDAY=100", "BYYEARDAY", "not accepted"),
    ("FREQ=DAILY;BYHOUR=9", "BYHOUR", "not accepted"),
    ("FREQ=DAILY;X-NAME=1", "X-NAME", "not accepted"),
]


@pytest.mark.parametrize(("text", "normalised"), ACCEPTED.items())
def test_an_accepted_rule_has_one_text(text: str, normalised: str) -> None:
    assert normalised == parse_rrule(text).text


@pytest.mark.parametrize(("text", "part", "reason"), REFUSED)
def test_a_refusal_names_the_part_and_the_reason(text: str, part: str, reason: str) -> None:
    with pytest.raises(RecurrenceError) as refused:
        parse_rrule(text)
    assert part == refused.value.part
    assert reason in refused.value.reason


@pytest.mark.parametrize(
    "text",
    [
        "CANARY",
        "CANARY=",
        "CANARY=1",
        "FREQ=CANARY",
        *(
            f"FREQ=MONTHLY;{part}=CANARY"
            for part in ("INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST")
        ),
    ],
)
def test_a_refusal_can_be_logged_without_quoting(text: str) -> None:
    """Whoever wrote the rule is shown it; a log is not."""
    with pytest.raises(RecurrenceError) as refused:
        parse_rrule(text)
    assert "CANARY" in str(refused.value)
    assert "CANARY" not in refused.value.unquoted


@given(rules())
def test_every_rule_is_read_back_from_its_own_text(rule: Rule) -> None:
    assert rule == parse_rrule(rule.text)


PIECES = st.sampled_from(
    [
        "FREQ=",
        "DAILY",
        "MONTHLY",
        ";",
        "=",
        ",",
        "BYDAY=",
        "-",
        "+",
        "1",
        "99999",
        "MO",
        "UNTIL=",
        "0",
        "Z",
        "T",
        "\u017f",
        "\n",
    ]
)


@given(st.text() | st.lists(PIECES, max_size=12).map("".join))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    """No input reaches int(), datetime or a dictionary in a way that raises anything but a refusal."""
    try:
        rule = parse_rrule(text)
    except RecurrenceError:
        return
    assert parse_rrule(rule.text) == rule
