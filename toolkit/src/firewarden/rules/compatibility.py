"""Where production and the official emulator 1.19.9 are known to differ: one switch for each point."""

from __future__ import annotations

from typing import NamedTuple


class Compatibility(NamedTuple):
    """Which of the known answers are given. The default of each field is production's."""

    missing_document_is_null: bool = True
    """`get()` of a missing document: null (documented), or a service call error."""

    lookups_per_query: int = 10
    """How many documents the rules of one query may look up."""

    both_passes_in_message: bool = False
    """A denial tells the outcomes before and after documents were read, or only the latter."""

    unknown_group_crashes: bool = False
    """`$2` in a replacement without group 2 fails the whole request, or is an error like others."""


PRODUCTION = Compatibility()
OFFICIAL_1_19_9 = Compatibility(
    missing_document_is_null=False,
    lookups_per_query=20,
    both_passes_in_message=True,
    unknown_group_crashes=True,
)
PRESETS = {"production": PRODUCTION, "official-1.19.9": OFFICIAL_1_19_9}
