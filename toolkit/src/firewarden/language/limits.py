"""The limits of the language, with where each comes from."""

from __future__ import annotations

from typing import Final

INT_MAX: Final = 2**63 - 1
"""Integers are 64-bit (rules reference); the one below the lowest is written as a minus and `INT_MAX + 1`."""

EXPRESSION_DEPTH_MAX: Final = 100
"""The depth at which an expression is too complex: 99 nested levels pass in emulator 1.19.9, 100 do not."""

NESTING_MAX: Final = EXPRESSION_DEPTH_MAX
"""What stands deeper is too complex anyway: the parser skips it, so that it never exhausts Python's stack."""

CHAIN_MAX: Final = 300
"""Our own limit on dots and brackets in a row. The official compiler accepts 300; nothing above was asked."""

LETS_MAX: Final = 11
"""The documentation says 10; production and emulator 1.19.9 accept 11."""

PARAMETERS_MAX: Final = 7
"""Rules reference, "Security rules limits"."""

CALL_DEPTH_MAX: Final = 20
"""Rules reference; emulator 1.19.9 accepts a chain of 21 functions."""

MATCH_DEPTH_MAX: Final = 11
"""The documentation says 10 nested matches; emulator 1.19.9 accepts 11."""

CAPTURES_MAX: Final = 20
"""Captures in the whole path of nested matches (rules reference)."""

SEGMENTS_MAX: Final = 100
"""Segments in the whole path of nested matches (rules reference)."""

OFFICIAL_TOKENS_MAX: Final = 60_000
"""Sources longer than this get our messages only: 1,500 lines have about 20,000 tokens."""

OFFICIAL_NESTING_MAX: Final = 200
"""Sources nested deeper than this get our messages only."""

OFFICIAL_WORK_MAX: Final = 60_000
"""New steps of lookahead spent on what the official compiler says: a 1,500-line source with an error needs 9,000."""

OFFICIAL_LOOKAHEAD_MAX: Final = 1_000_000
"""Tokens looked at in all lookahead together, however often."""
