"""Recorded answers of an official emulator, and what this engine says to the same.

The formats are those of `tests/vectors`: one JSON object a line. Used by tests and by `firewarden rules replay`.
"""
