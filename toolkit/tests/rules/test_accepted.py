"""What is assembled, a Firestore takes."""

from collections.abc import Iterator

import pytest

from firewarden.rules import Fragment, assemble
from firewarden.testing import EmulatorControl

pytestmark = pytest.mark.emulator


@pytest.fixture
def control(official_firestore_server: object) -> Iterator[EmulatorControl]:
    with EmulatorControl(official_firestore_server.host) as control:  # type: ignore[attr-defined]  # the plugin's server
        yield control


def test_the_emulator_takes_an_assembled_file_without_a_remark(control: EmulatorControl) -> None:
    fragments = [
        Fragment("rules/shared.rules", "function signedIn() {\n  return request.auth != null;\n}\n"),
        Fragment("rules/users.rules", "match /users/{uid} {\n  allow get: if signedIn() && uid != '{';\n}\n"),
        Fragment("rules/rsvps.rules", "match /{path=**}/rsvps/{uid} {\n  allow list: if signedIn();\n}\n"),
    ]
    assert control.put_rules("demo-firewarden-assembled", assemble(fragments).text) == []
