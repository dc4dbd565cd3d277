"""Listeners: their streams and targets, and how they learn of commits."""
