"""A local Firestore without a port: Google's client library, and the engine that answers it, in one process."""

from firewarden.testing.in_process.firestore import Firestore

__all__ = ["Firestore"]
