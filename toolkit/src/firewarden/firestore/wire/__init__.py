"""Firestore's protocol buffers: messages from a pool of their own, and values read from them and written to them."""
