"""Security rules as source text: fragments assembled into the one file Firebase deploys.

Standard library only, and no I/O: what reads and writes files is `firewarden.cli`.
"""

from firewarden.rules.assemble import Assembly, Fragment, Origin, assemble

__all__ = ["Assembly", "Fragment", "Origin", "assemble"]
