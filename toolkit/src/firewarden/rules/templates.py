"""Path templates: `path('users/{uid}')`, and filling in what they leave open."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import unquote_plus

from firewarden.rules.javahash import hash_order
from firewarden.rules.kinds import Value, wrong_type
from firewarden.rules.outcomes import Refusal
from firewarden.values import Capture, Path

_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""What Unicode calls white space, and nothing else that Python would strip."""
_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


def parse_template(text: str) -> Path:
    """The path that a string describes; segments are URL-decoded, `{name}` and `{name=**}` are captures."""
    if not text:
        raise Refusal("Empty Path Template is not allowed.")
    return template(_segment(each.strip(_SPACE), text) for each in text.removeprefix("/").split("/"))


def template(segments: Iterable[str | Capture]) -> Path:
    """A path of these segments, in which a name may be captured once."""
    path = Path(tuple(segments))
    names = [each.name for each in path.segments if isinstance(each, Capture)]
    for position, name in enumerate(names):
        if name in names[:position]:
            raise Refusal(f"Variable {name} already exists in the PathTemplate.")
    return path


def bind(path: Path, values: Mapping[str, Value], to_string: Callable[[Value], str]) -> Path:
    """The path with captures replaced by the values of their names; those without a value are left out."""
    names = {each.name for each in path.segments if isinstance(each, Capture)}
    for name, _ in path.bindings:
        if name in values:
            raise Refusal(f"Variable {name} is already bound.")
    if not values.keys() <= names:
        foreign = [name for name in hash_order(values) if name not in names]
        raise Refusal(f"Variable(s) {','.join(foreign)} do not exist in the path template.")
    segments: list[str | Capture] = []
    bindings = list(path.bindings)
    for each in path.segments:
        if not isinstance(each, Capture):
            segments.append(each)
            continue
        if each.name not in values:
            continue
        bound = _bound(each, values[each.name], to_string)
        bindings.append((each.name, bound))
        segments += bound.segments if isinstance(bound, Path) else [bound]
    return Path(tuple(segments), tuple(bindings))


def _bound(capture: Capture, value: Value, to_string: Callable[[Value], str]) -> str | Path:
    if capture.glob:
        if not isinstance(value, Path):
            raise Refusal(wrong_type(value, "path"))
        return value
    text = to_string(value)
    if not text:
        raise Refusal(f"Cannot bind empty value to path template variable {capture.name}.")
    return text


def _segment(text: str, whole: str) -> str | Capture:
    if not text:
        raise Refusal(f"Invalid Path Template {whole}. Empty segment is not allowed.")
    if not text.startswith("{"):
        return unquote_plus(text)
    if not text.endswith("}"):
        raise Refusal(f"Invalid Path Template {whole}. The capture segment is not closed.")
    inner = text[1:-1]
    name = inner.removesuffix("=**")
    if not _IDENTIFIER.fullmatch(name):
        raise Refusal(
            f"Invalid Path Template {whole}. [Identifier [{name}] should start with letter, dollar sign, or "
            "underscore and should not start with digit and must not contain spaces."
        )
    return Capture(name, glob=name != inner)
