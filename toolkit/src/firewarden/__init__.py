"""Firewarden: prove a Firestore backend on a laptop."""
