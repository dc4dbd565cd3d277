"""What inputs are evaluated against: stored documents with a value of every type, and requests of every kind."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from firewarden.rules import Both, Commit, Either, Filter, Get, List, Query, Request, Transform, Write, auth_of
from firewarden.rules.evaluating import Surroundings
from firewarden.values import LatLng, Path, Timestamp, Vector

NOW = Timestamp(1_790_000_000_123_456_000)
_AUTH = auth_of({"sub": "ana", "role": "admin", "groups": ["a", "b"], "level": 3})
DATA: Mapping[str, Any] = {
    "n": 1,
    "s": "text",
    "f": 1.5,
    "b": b"\x00\xff",
    "t": NOW,
    "l": [1, "a", None],
    "m": {"k": {"a": 1}},
    "p": LatLng(1.0, 2.0),
    "r": Path(("databases", "(default)", "documents", "c", "a")),
    "v": Vector((1.0,)),
    "low": -(2**63),
    "high": 2**63 - 1,
    "nan": math.nan,
    "zero": -0.0,
    "none": None,
    "long": "ab" * 2_000,
    "odd": "\U0001f600\u0301\x00/",
}
STORED: Mapping[tuple[str, ...], Mapping[str, Any]] = {("c", "a"): DATA, ("users", "ana"): {"role": "admin"}}
EXPRESSION_SURROUNDINGS = Surroundings(time=NOW, auth=_AUTH, before=DATA, after=DATA, documents=STORED)

_COMMIT = Commit(
    writes=(
        Write(path=("c", "new"), data=DATA, exists=False),
        Write(
            path=("c", "a"),
            data={"n": 2},
            mask=("n", "m.k"),
            transforms=(Transform(field="t", kind="server_time"), Transform(field="high", kind="increment", operand=1)),
        ),
        Write(path=("c", "b")),
    )
)
_ORDERED = Query(
    collection="c",
    where=Both(
        filters=(
            Filter(field="n", operator="==", value=1),
            Either(
                filters=(
                    Filter(field="s", operator="in", value=["a", "b"]),
                    Filter(field="l", operator="array-contains", value=1),
                )
            ),
        )
    ),
    order_by=(("f", "DESC"),),
    limit=10,
)
_BOUNDED = Query(
    collection="c",
    where=Both(
        filters=(
            Filter(field="n", operator=">=", value=math.nan),
            Filter(field="s", operator="!=", value="text"),
            Filter(field="m.k", operator="not-in", value=[None, {"a": 1}]),
            Filter(field="nan", operator="is-nan"),
            Filter(field="l", operator="array-contains-any", value=[DATA["r"], 1.0]),
        )
    ),
)
_NAMED = Query(
    collection="c", all_descendants=True, where=Filter(field="__name__", operator="==", value=DATA["r"]), offset=1
)


def requests() -> Iterator[Request]:
    """Reads, writes and queries, with and without a token."""
    yield Request(operation=Get(paths=(("c", "a"), ("c", "none"))), time=NOW, auth=_AUTH)
    yield Request(operation=Get(paths=(("c", "a"),), in_transaction=True), time=NOW)
    yield Request(operation=_COMMIT, time=NOW, auth=_AUTH)
    for query in (_ORDERED, _BOUNDED, _NAMED):
        yield Request(operation=List(query=query), time=NOW, auth=_AUTH)
