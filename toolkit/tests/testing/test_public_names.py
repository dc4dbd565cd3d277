"""The public names of firewarden.testing are declared once and all there."""

from __future__ import annotations

import pytest

from firewarden import testing


def test_every_public_name_can_be_imported() -> None:
    assert {name: getattr(testing, name).__name__ for name in testing.__all__} == {
        name: name for name in testing.__all__
    }


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"'firewarden\.testing' has no attribute 'nothing'"):
        testing.nothing  # noqa: B018 - looking it up is the test
