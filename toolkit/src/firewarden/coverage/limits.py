"""How much coverage remembers. The official emulator has no such limits: 18 requests are a report of 216 KB there."""

from __future__ import annotations

VALUES_MAX = 5
"""Distinct values that are told of one expression; others are counted by their type."""

MEMBERS_MAX = 4
"""A list or map with more values in it, however deep, is only counted by its type: such as `request`."""

CHARACTERS_MAX = 100
"""A longer string, or as many bytes, likewise."""

RULESETS_MAX = 64
"""Rules of which coverage is kept at once; those that were put first are forgotten first."""
