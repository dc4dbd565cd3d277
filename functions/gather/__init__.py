"""Gather: a Firestore-backed events backend, one folder per domain.

In each domain: pure types and decisions (`model.py`), Firestore (`store.py`), and the thin edges that production
calls (`triggers.py`, `endpoints.py`). ARCHITECTURE.md says what may import what.
"""
