"""HTTP/1.1: REST, and whatever else has a route."""
