"""The clock of tests: time stands still until a test moves it."""

from firewarden.server.clock import VirtualClock

__all__ = ["VirtualClock"]
