"""Fixtures that several folders share: the functions' runtime on the test's database, and their HTTP application."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from firewarden.testing import Database, unsigned_id_token
from gather.runtime import Runtime
from gather.settings import Settings
from tests.support.apps import http_of
from tests.support.clocks import Clock
from tests.support.events import NOW
from tests.support.runtimes import runtime_for

Headers = dict[str, str]
SignIn = Callable[..., Headers]


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who has a database talks to the Firestore of the run, whichever fixture brings it."""
    for item in items:
        if "firestore" in getattr(item, "fixturenames", ()):
            item.add_marker("emulator")


@pytest.fixture
def gather_runtime(firestore: Database) -> Runtime:
    """What the functions need, on this test's database."""
    return runtime_for(settings_for(firestore.project), firestore.as_owner())


@pytest.fixture
def clock() -> Clock:
    """A clock that the test moves."""
    return Clock(NOW)


@pytest.fixture
def client(gather_runtime: Runtime) -> Any:
    """The Firestore of that runtime, all of it."""
    return gather_runtime.firestore


@pytest.fixture
def http(gather_runtime: Runtime, emulated_auth: None) -> Iterator[FlaskClient]:
    """The HTTP application, called in process."""
    with http_of(gather_runtime) as client:
        yield client


@pytest.fixture
def emulated_auth(monkeypatch: pytest.MonkeyPatch) -> None:
    """firebase-admin takes unsigned ID tokens, as it does beside an emulator. Nothing listens there."""
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9099")


@pytest.fixture
def signed_in(firestore: Database) -> SignIn:
    """``signed_in(uid, **claims)``: the headers of a request by that user."""

    def headers(uid: str, **claims: Any) -> Headers:
        return {"Authorization": f"Bearer {unsigned_id_token(uid, claims, project=firestore.project)}"}

    return headers


def settings_for(project: str) -> Settings:
    return Settings(
        project=project,
        public_url="https://events.example.org",
        feed_domain="events.example.org",
        feed_name="Example events",
        emulator=True,
        stripe_secret_key="sk_test_example",
        stripe_webhook_secrets=("whsec_example", "whsec_rotated"),
        stripe_account=None,
        stripe_api_base=None,
        ticket_signing_key=b"a signing key known to everybody",
        storage_bucket="example.invalid",
    )
