"""The stage that actions are measured on."""

from collections.abc import Callable, Iterator

import pytest

from firewarden.testing import Database
from gather.http.app import create_app
from gather.runtime import Runtime
from tests.conftest import Headers, settings_for
from tests.costs.actions import Stage
from tests.support.events import NOW


@pytest.fixture
def stage(firestore: Database, signed_in: Callable[..., Headers], emulated_auth: None) -> Iterator[Stage]:
    runtime = Runtime(settings=settings_for(firestore.project), firestore=firestore.as_owner(), now=lambda: NOW)
    with create_app(runtime).test_client() as client:
        yield Stage(firestore, client, runtime, signed_in)
