"""How requests come in and answers go out: gRPC over HTTP/2 and REST over HTTP/1.1, on one port. Knows no Firestore."""
