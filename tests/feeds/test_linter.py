"""The linter that judges the feeds finds each breach it is there for; otherwise its silence would mean nothing."""

import pytest

from gather.feeds.calendar import vcalendar
from gather.feeds.ical import vevents, zones_used
from tests.feeds.rfc_linter import lint
from tests.feeds.samples import ORIGIN, SAMPLES

SAMPLE = SAMPLES["weekly_with_changes"]
GOOD = vcalendar("Events", zones_used(SAMPLE), [vevents(SAMPLE, ORIGIN)])


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("END:VCALENDAR\r\n", "END:VCALENDAR", "the last line does not end with CRLF"),
        ("SUMMARY:", "SUMMARY:" + "x" * 70, "octets"),
        ("SUMMARY:", "SUMMARY:\x0b", "control character"),
        ("STATUS:", "\r\nSTATUS:", "is empty"),
        ("PRODID:-//Gather//Gather events//EN\r\n", "", "VCALENDAR without PRODID"),
        ("CALSCALE:GREGORIAN\r\n", "METHOD:PUBLISH\r\n", "no METHOD"),
        ("UID:choir@events.example.org\r\n", "", "VEVENT without UID"),
        ("DTSTAMP:20260402T093000Z\r\n", "", "VEVENT without DTSTAMP"),
        ("DTSTAMP:20260402T093000Z", "DTSTAMP:20260402T093000", "DTSTAMP is not in UTC"),
        ("SEQUENCE:2\r\n", "SEQUENCE:2\r\nSEQUENCE:3\r\n", "VEVENT with SEQUENCE 2 times"),
        ("DTEND;TZID=America/New_York:20261013T193000", "DTEND;VALUE=DATE:20261014", "DTEND is not of DTSTART's"),
        ("20261013T193000", "20261013T180000", "DTEND is not after DTSTART"),
        ("SEQUENCE:2", "SEQUENCE:2\r\nDURATION:PT1H", "both DTEND and DURATION"),
        ("EXDATE;TZID=America/New_York:20261020T180000", "EXDATE;VALUE=DATE:20261020", "EXDATE is not of DTSTART's"),
        ("New_York:20261020T180000", "New_York:20261020T180000Z", "and is in UTC"),
        ("RECURRENCE-ID", "RRULE:FREQ=DAILY\r\nRECURRENCE-ID", "both RRULE and RECURRENCE-ID"),
        ("COUNT=6", "COUNT=6;UNTIL=20270101T000000Z", "both UNTIL and COUNT"),
        ("COUNT=6", "UNTIL=20270101", "UNTIL is not of DTSTART's"),
        ("TZID:America/New_York", "TZID:America/Boston", "before its VTIMEZONE"),
        ("RECURRENCE-ID;TZID=America/New_York:20261103T180000\r\n", "", "2 components are"),
    ],
)  # fmt: skip
def test_each_breach_is_found(old: str, new: str, finding: str) -> None:
    assert old in GOOD
    assert lint(GOOD.encode()) == []
    findings = lint(GOOD.replace(old, new).encode())
    assert any(finding in each for each in findings), findings
