"""Differences from recordings that are understood: each a law with its reason, which `docs/differences.md` explains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, cast

from firewarden.rules.compatibility import OFFICIAL_1_19_9
from firewarden.rules.compiled import compile_rules
from firewarden.rules.deciding import decide
from firewarden.rules.javahash import map_order, object_hash, string_hash
from firewarden.rules.recordings import requests, wire
from firewarden.rules.recordings.answers import is_same_value
from firewarden.rules.recordings.decisions import claims
from firewarden.rules.recordings.discrepancy import Discrepancy, Record
from firewarden.rules.recordings.recorder import NOW
from firewarden.rules.recordings.sending import DATABASE
from firewarden.rules.requests import Commit, Request, Write

_AUTO_VALUE = 1_000_003
"""What Java's generated value classes multiply hashes with."""


def explanation(format_: str, record: Record, discrepancy: Discrepancy) -> str | None:
    """The name of what explains a server's difference from a recorded request; None if nothing does."""
    if format_ not in ("request", "list"):
        return None
    for name, explains in EXPLANATIONS.items():
        if explains(record, discrepancy):
            return name
    return None


def is_another_order(record: Record, discrepancy: Discrepancy) -> bool:
    """The emulator judges the documents of a commit in the order of their hashes, which depend on the project, too.

    One of the orders that these can have must give exactly the recorded message.
    """
    if discrepancy.kind != "message" or record["request"]["method"] != "commit" or record["outcome"] != "deny":
        return False
    request = requests.request(record["request"], claims(record["auth"]), NOW)
    commit = cast("Commit", request.operation)  # as the method says
    rules = compile_rules(record["rules"], compatibility=OFFICIAL_1_19_9, warm_up=0)
    documents = {tuple(path.split("/")): wire.fields(each) for path, each in record["documents"].items()}
    asked = reordered(request, commit)
    return any(decide(rules, each, documents.get).message == discrepancy.expected for each in asked)


def reordered(request: Request, commit: Commit) -> Iterator[Request]:
    """The request with the documents of its commit in every order of `orders`."""
    by_document: dict[tuple[str, ...], list[Write]] = {}
    for write in commit.writes:
        by_document.setdefault(write.path, []).append(write)
    for order in orders(by_document):
        writes = tuple(write for path in order for write in by_document[path])
        yield Request(operation=Commit(writes=writes), time=request.time, auth=request.auth)


def orders(paths: Iterable[tuple[str, ...]]) -> Iterator[list[tuple[str, ...]]]:
    """The orders that a Java hash map of documents can have.

    A hash is that of the path and, by exclusive or, a number that only the project decides.
    """
    hashes = {path: _path_hash(path) for path in paths}
    for project in range(3 * len(hashes) + 16):  # no fewer than the map has buckets
        yield map_order({path: each ^ project for path, each in hashes.items()})


def _path_hash(path: tuple[str, ...]) -> int:
    """A list of pairs, each of a collection and an id."""
    pairs = zip(path[::2], path[1::2], strict=True)
    return object_hash(*(_pair_hash(string_hash(collection), string_hash(name)) for collection, name in pairs))


def _pair_hash(first: int, second: int) -> int:
    return ((_AUTO_VALUE ^ first) * _AUTO_VALUE ^ second) & 0xFFFFFFFF


def is_elsewhere(record: Record, discrepancy: Discrepancy) -> bool:
    """A document of another project or database than the request's is written by the emulator, refused by us."""
    if discrepancy.kind != "outcome" or discrepancy.got["http_status"] != HTTPStatus.BAD_REQUEST:
        return False
    return any(not name.startswith(f"{DATABASE}/") for name in _names(record["request"].get("body") or {}))


def _names(body: Mapping[str, Any]) -> Iterator[str]:
    """The documents that a request names."""
    yield from body.get("documents", ())
    for write in body.get("writes", ()):
        yield write.get("delete") or write.get("verify") or _changed(write)


def _changed(write: Mapping[str, Any]) -> str:
    return str(write.get("update", {}).get("name") or write.get("transform", {}).get("document") or "")


def is_done_mark(record: Record, discrepancy: Discrepancy) -> bool:
    """The emulator marks the last answer of an aggregation; the published interface has no such field."""
    if discrepancy.kind != "value" or record["request"]["method"] != "runAggregationQuery":
        return False
    expected = discrepancy.expected.get("response")
    if not isinstance(expected, list):
        return False
    unmarked = [{name: value for name, value in each.items() if name != "done"} for each in expected]
    return is_same_value(unmarked, discrepancy.got["response"])


EXPLANATIONS: Mapping[str, Callable[[Record, Discrepancy], bool]] = MappingProxyType(
    {
        "order of the documents of a commit": is_another_order,
        "a document of another project or database": is_elsewhere,
        "the mark at the end of an aggregation": is_done_mark,
    }
)
"""By the name that `firewarden rules replay` and the page call them."""
