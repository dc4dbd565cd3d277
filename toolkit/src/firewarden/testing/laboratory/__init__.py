"""The laboratory: a backend's functions, run beside an in-process Firestore, by a plan of faults and a seed."""

from firewarden.testing.laboratory.exploring import Explored, ScheduleFailed, explore, replay
from firewarden.testing.laboratory.fixture import Laboratories
from firewarden.testing.laboratory.laboratory import Laboratory

__all__ = ["Explored", "Laboratories", "Laboratory", "ScheduleFailed", "explore", "replay"]
