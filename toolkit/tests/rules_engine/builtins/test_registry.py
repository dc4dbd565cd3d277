"""How builtins are declared."""

import pytest

from firewarden.rules.builtins.registry import Library


@pytest.mark.parametrize("text", ["size", "size(", "string.size", "string.size() -> int", ""])
def test_what_is_no_overload_is_refused_when_it_is_declared(text: str) -> None:
    with pytest.raises(ValueError, match="is no overload; write it like"):
        Library().overload(text)(lambda receiver: receiver)
