"""Recurrence: which rules are accepted, and when a series takes place. Pure; nothing here reads a clock.

`grammar` reads rules, `rule` holds them, `dates` and `days` compute calendar days, `occurrence` and `ids` turn
a day into an occurrence with a name, `expand` answers for windows.
"""

from gather.recurrence.expand import (
    ENDLESS,
    OCCURRENCES_MAX,
    excluded_ids,
    expand,
    find_occurrence,
    last_end,
    overridden_occurrences,
)
from gather.recurrence.grammar import parse_rrule
from gather.recurrence.ids import local_day_of, occurrence_id
from gather.recurrence.rule import Day, Frequency, RecurrenceError, Rule
from gather.recurrence.series import (
    EventSeries,
    Occurrence,
    Override,
    Recurrence,
    Series,
    effective_end,
    instant,
    local_date,
    zone_named,
)

__all__ = [
    "ENDLESS",
    "OCCURRENCES_MAX",
    "Day",
    "EventSeries",
    "Frequency",
    "Occurrence",
    "Override",
    "Recurrence",
    "RecurrenceError",
    "Rule",
    "Series",
    "effective_end",
    "excluded_ids",
    "expand",
    "find_occurrence",
    "instant",
    "last_end",
    "local_date",
    "local_day_of",
    "occurrence_id",
    "overridden_occurrences",
    "parse_rrule",
    "zone_named",
]
