"""Recorded answers of an official emulator, and what this engine says to the same.

The formats are those of `tests/vectors`: one JSON object a line. Used by tests and by `firewarden rules replay`;
`sending`, `answers` and `explained` are for those who ask a server.
"""

from firewarden.rules.recordings.discrepancy import Discrepancy, Record
from firewarden.rules.recordings.explained import explanation
from firewarden.rules.recordings.replay import FORMATS, format_of, replay

__all__ = ["FORMATS", "Discrepancy", "Record", "explanation", "format_of", "replay"]
