"""What the uses of a variable say about its type, in the official compiler's words."""

import pytest

from firewarden.language import parse

SOURCE = """rules_version = '2';
service cloud.firestore {{
  match /databases/{{database}}/documents {{
    match /c/{{id}} {{
      {helper}
      function checked(other) {{ let m = latlng.value(1, 2); return {body}; }}
      allow get: if checked(1);
    }}
  }}
}}
"""
NARROW = "hashing.crc32(m) == b''"
HELPERS = {
    "any": "function any(x) { return x == 1; }",
    "none": "function none(x) { return true; }",
    "digest": "function digest(x) { return hashing.crc32(x) == b''; }",
    "both": "function both(x) { return 1 == x && hashing.crc32(x) == b''; }",
    "kept": "function kept(x) { let y = x; return hashing.crc32(x) == b'' && y == 1; }",
}


def wanted(body: str) -> list[str]:
    """The types that a body wants of `m`, in the order in which the warning tells them."""
    helper = HELPERS.get(body.split("(", maxsplit=1)[0], "")
    told = [str(each) for each in parse(SOURCE.format(helper=helper, body=body)).official]
    (types,) = [each for each in told if "Received one of [latlng]. Expected one of" in each]
    return types.split("Expected one of [")[1].removesuffix("].").split(", ")


@pytest.mark.parametrize(
    "body",
    [
        f"m == 1 && {NARROW}",
        f"1 < m && {NARROW}",
        f"m is string && {NARROW}",
        f"m in [1] && {NARROW}",
        f"[m] == [] && {NARROW}",
        f"m.unknown() && {NARROW}",
        f"(other ? m : 1) == 1 && {NARROW}",
        "m == hashing.crc32(m)",
        f"any(m) && {NARROW}",
        f"none(m) && {NARROW}",
        "both(m)",
        "kept(m)",
        f"(m.year() == 1 && math.abs(m) == 1) || {NARROW}",
    ],
)
def test_a_use_that_says_nothing_counts_as_every_type_in_an_order_of_their_own(body: str) -> None:
    """Even one that was reported because its parts do not agree."""
    assert wanted(body) == ["string", "bytes"]


@pytest.mark.parametrize(
    "body", [NARROW, f"{NARROW} && m == 1", f"other == 1 && {NARROW}", "hashing.crc32(m) == m", "digest(m)"]
)
def test_the_order_is_that_of_the_first_use(body: str) -> None:
    assert wanted(body) == ["bytes", "string"]


@pytest.mark.parametrize(
    ("body", "types"),
    [
        ("string(m) == ''", "int float null bool string path"),
        ("/a/$(m) == /a", "int float null bool string path"),
        ("m.size() == 1", "string bytes list set map"),
        ("'a' in m", "list set map constraint"),
        ("m[0] == 1", "string list map path"),
        ("'abc'[m:1] == ''", "int null"),
        ("math.ceil(m) == 1", "int float"),
        ("m + m == ''", "int float string duration timestamp"),
    ],
)
def test_the_order_of_every_type(body: str, types: str) -> None:
    """As recorded from Google's emulator 1.19.9."""
    assert wanted(f"m == 1 && {body}") == types.split()
