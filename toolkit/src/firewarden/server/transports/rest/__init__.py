"""Firestore's REST interface: the methods of the service by HTTP method and path, with messages as JSON."""
