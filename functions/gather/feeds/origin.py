"""Where a feed's events live: the domain in their UIDs and the site that shows them. Never read from a request."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The parts of the settings that are written into every event of a feed."""

    domain: str
    public_url: str

    def uid(self, event_id: str) -> str:
        """UID is globally unique and never changes (RFC 7986, 5.3)."""
        return f"{event_id}@{self.domain}"

    def url(self, event_id: str) -> str:
        """Return the page of the event."""
        return f"{self.public_url}/events/{quote(event_id, safe='')}"
