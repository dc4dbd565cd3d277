"""WebSockets (RFC 6455), for a server that tells and hardly listens."""
