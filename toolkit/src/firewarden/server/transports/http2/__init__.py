"""HTTP/2 with prior knowledge (RFC 9113), as much as a gRPC server needs. No TLS, no push, no priorities."""
