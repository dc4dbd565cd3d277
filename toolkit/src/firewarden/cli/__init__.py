"""The `firewarden` command: one file per command, each arguments, one call and printing.

Exit codes: 0 done and fine, 1 findings (something denied, stale or wrong in your files), 2 could not run.
"""

from firewarden.cli.main import main

__all__ = ["main"]
