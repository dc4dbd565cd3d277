"""The stage that actions are measured on."""

from collections.abc import Callable, Iterator

import pytest

from firewarden.testing import Database
from tests.conftest import Headers, settings_for
from tests.costs.actions import Stage
from tests.support.apps import http_of
from tests.support.events import NOW
from tests.support.model_stripe import ModelStripe
from tests.support.runtimes import runtime_for


@pytest.fixture
def stage(firestore: Database, signed_in: Callable[..., Headers], emulated_auth: None) -> Iterator[Stage]:
    stripe = ModelStripe(lambda: NOW)
    runtime = runtime_for(settings_for(firestore.project), firestore.as_owner(), now=lambda: NOW, gateway=stripe)
    with http_of(runtime) as client:
        yield Stage(firestore, client, runtime, stripe, signed_in)
