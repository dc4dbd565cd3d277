"""Where tests keep papers, and what Google checks of a link, which storage emulators do not."""

import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


class MemoryStorage:
    """Papers by name, for as long as the test lasts."""

    def __init__(self) -> None:
        self.papers: dict[str, bytes] = {}

    def has(self, name: str) -> bool:
        return name in self.papers

    def put(self, name: str, content: bytes) -> bool:
        return self.papers.setdefault(name, content) is content

    def link(self, name: str) -> str:
        return f"https://storage.invalid/{quote(name)}?expires=soon"


def refusal(url: str, key: rsa.RSAPublicKey, *, now: datetime, method: str = "GET") -> str | None:
    """Say why Cloud Storage would refuse a V4 signed URL; None where it would serve it.

    https://cloud.google.com/storage/docs/authentication/canonical-requests
    """
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    values = dict(query)
    signature = bytes.fromhex(values.pop("X-Goog-Signature", ""))
    begun = datetime.strptime(values["X-Goog-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if not begun <= now <= begun + timedelta(seconds=int(values["X-Goog-Expires"])):
        return "expired"
    canonical_query = "&".join(f"{quote(name, safe='')}={quote(values[name], safe='')}" for name in sorted(values))
    canonical = "\n".join(
        (
            method,
            parts.path,
            canonical_query,
            f"host:{parts.netloc}",
            "",
            values["X-Goog-SignedHeaders"],
            "UNSIGNED-PAYLOAD",
        )
    )
    scope = values["X-Goog-Credential"].partition("/")[2]
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    signed = "\n".join((values["X-Goog-Algorithm"], values["X-Goog-Date"], scope, digest))
    try:
        key.verify(signature, signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return "signature"
    return None
