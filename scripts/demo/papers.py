"""A Cloud Storage on this machine, in memory, for the receipts and invoices of the demo."""

from collections.abc import Iterator
from contextlib import contextmanager

from gcp_storage_emulator.server import create_server

BUCKET = "demo-gather.invalid"


@contextmanager
def start_storage(host: str) -> Iterator[str]:
    """Serve an empty bucket inside the block; the value is its address."""
    server = create_server(host, 0, in_memory=True, default_bucket=BUCKET)
    with server:
        port = server._api._httpd.server_port  # noqa: SLF001  # of port 0, which it took; it does not say so otherwise
        yield f"http://{host}:{port}"
