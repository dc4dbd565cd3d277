"""What the story acts on: one client per person, the HTTP interface, and the owner's view of what is stored."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import httpx
from google.cloud import firestore

from demo.people import GUEST, PEOPLE
from firewarden.testing import firestore_as, firestore_as_guest, firestore_as_owner, unsigned_id_token


@dataclass(slots=True)
class World(AbstractContextManager["World"]):
    """Clients are made when first used and closed at the end; `began` is the one time the story counts from."""

    project: str
    firestore_host: str
    url: str
    began: datetime
    stripe: str = ""
    """Where the stand-in for Stripe is."""
    etags: dict[str, str] = field(default_factory=dict)
    orders: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """What each person ordered last, as it was answered."""
    _clients: dict[str, firestore.Client] = field(default_factory=dict)
    _http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        # Proxy settings of the environment are for the outside world.
        self._http = httpx.Client(base_url=self.url, timeout=30.0, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._clients.values():
            client.close()  # type: ignore[no-untyped-call]  # the client library leaves it untyped
        self._http.close()

    @property
    def owner(self) -> firestore.Client:
        """Sees everything: what is stored, whoever may read it."""
        return self._client("owner")

    def client(self, who: str) -> firestore.Client:
        """The Firestore client of a person, bound by the rules."""
        assert who != "owner"  # noqa: S101  # INVARIANT: no step of the story acts past the rules
        return self._client(who)

    def http(self, who: str, method: str, path: str, **options: Any) -> httpx.Response:
        """One request by a person; `path` begins with a slash."""
        headers = dict(options.pop("headers", {}))
        if who != GUEST:
            headers["Authorization"] = f"Bearer {unsigned_id_token(who, PEOPLE[who].claims, project=self.project)}"
        return self._http.request(method, path, headers=headers, **options)

    def at_stripe(self, action: str, name: str, **body: Any) -> Mapping[str, Any]:
        """What a customer, their bank or the dashboard does at Stripe: `pay`, `refund`, `dispute`, `settle` ..."""
        answer = self._http.post(f"{self.stripe}/_stand_in/{action}", json={"id": name, **body})
        done: Mapping[str, Any] = answer.raise_for_status().json()
        return done

    def stored(self, path: str) -> Mapping[str, Any] | None:
        """A document as it is stored; None when there is none."""
        data: Mapping[str, Any] | None = self.owner.document(path).get().to_dict()
        return data

    def now(self) -> datetime:
        """The wall clock, as a client stamps its history entries with it."""
        return datetime.now(UTC)

    def _client(self, who: str) -> firestore.Client:
        if who not in self._clients:
            self._clients[who] = self._connect(who)
        return self._clients[who]

    def _connect(self, who: str) -> firestore.Client:
        if who == "owner":
            return firestore_as_owner(project=self.project, host=self.firestore_host)
        if who == GUEST:
            return firestore_as_guest(project=self.project, host=self.firestore_host)
        return firestore_as(who, PEOPLE[who].claims, project=self.project, host=self.firestore_host)
