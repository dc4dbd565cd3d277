"""Queries: what they say, whether they may be said, which indexes serve them, and what they return."""
