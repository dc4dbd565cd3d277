"""The grammar of conditions under which a document may be read or written: expressions over its fields and the user.

What a condition may speak of depends on the method: a create has no `resource`, a read no `request.resource`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from toolkit.tests.conformance.rules.expressions import EXPRESSIONS
from toolkit.tests.conformance.rules.schema import FIELDS
from toolkit.tests.conformance.rules.sentences import Grammar

Table = Mapping[str, tuple[str, ...]]
_BEFORE, _AFTER = "resource.data", "request.resource.data"
_SEEN: Mapping[str, tuple[str, ...]] = {
    "get": (_BEFORE,),
    "list": (_BEFORE,),
    "create": (_AFTER,),
    "update": (_BEFORE, _AFTER),
    "delete": (_BEFORE,),
    "read": (_BEFORE,),
    "write": (_BEFORE, _AFTER),
}
METHODS = tuple(_SEEN)
_DOCUMENTS = "/databases/$(database)/documents"
_LOOKUPS = (
    *(f"{_DOCUMENTS}/users/$(request.auth.uid)", f"{_DOCUMENTS}/c/a", f"{_DOCUMENTS}/users/ana", "request.path"),
    *(f"{_DOCUMENTS}/c/$(<string>)", f"{_DOCUMENTS}/d/x", f"{_DOCUMENTS}/c/new", f"{_DOCUMENTS}/c/a/s/x"),
)
# About as many lookups as a document (10) or a request (20) may make; `exists` and `get` of a path are charged apart.
_MANY_LOOKUPS = tuple(
    f"[{', '.join(f'{call}({_DOCUMENTS}/{collection}/x{number})' for number in range(count))}].size() > 0"
    for call, collection, count in (
        ("exists", "q", 9),
        ("exists", "q", 10),
        ("exists", "p", 11),
        ("existsAfter", "q", 4),
    )
)
_USERS: Table = {
    "bool": (
        *_MANY_LOOKUPS,
        *("request.auth != null", "request.auth.uid != null", "request.auth.token.role == 'admin'"),
        *("request.auth.token.role in ['admin', 'member']", "request.auth.token.email_verified"),
        *("request.auth.token.get('level', 0) > 0", "'a' in request.auth.token.get('groups', [])"),
        *("request.auth != null && <bool>", "request.auth == null || <bool>"),
        *("exists(<stored>)", "existsAfter(<stored>)", "get(<stored>).data.role == 'admin'"),
        *("getAfter(<stored>).data.n == <int>", "get(<stored>).data.get('role', '') in <strings>"),
        *("get(<stored>).data.keys().hasAny(<strings>)", "get(<stored>) != null", "database == '(default)'"),
        "get(<stored>).id == <string>",
    ),
    "string": ("request.auth.uid", "request.auth.token.role", "get(<stored>).data.role", "database", "request.method"),
    "int": ("request.auth.token.level", "get(<stored>).data.n", "getAfter(<stored>).data.k"),
    "map": ("get(<stored>).data", "request.auth.token", "request.auth"),
    "strings": ("request.auth.token.groups", "['a', 'ana', 'going']", "[request.auth.uid]"),
    "stored": _LOOKUPS,
    "document": _LOOKUPS,
    "error": ("request.auth.token.missing", "get(<stored>).data.missing"),
}
_WRITES: Table = {
    "bool": (
        *(f"{_AFTER}.keys().hasOnly(<strings>)", f"{_AFTER}.keys().hasAll(['n'])", f"{_AFTER}.t == request.time"),
        *(
            f"{_AFTER}.size() <= 20",
            "request.writeFields == null",
            "'n' in request.writeFields",
            "request.inTransaction",
        ),
        *(f"getAfter(request.path).data == {_AFTER}", "request.transforms == null", "existsAfter(request.path)"),
        "request.resource.id == <string>",
    ),
}
_UPDATES: Table = {
    "bool": (
        *(f"{_AFTER}.diff({_BEFORE}).affectedKeys().hasOnly(<strings>)", f"{_AFTER}.n == {_BEFORE}.n + 1"),
        *(f"{_AFTER}.n > {_BEFORE}.n", f"{_AFTER}.l.hasAll({_BEFORE}.l)", f"{_AFTER}.o == {_BEFORE}.o"),
        *(f"!{_AFTER}.diff({_BEFORE}).changedKeys().hasAny(<strings>)", f"{_AFTER} == {_BEFORE}"),
        *("resource == null || <bool>", "resource != null", f"{_AFTER}.diff({_BEFORE}).addedKeys().size() == 0"),
        f"getAfter(request.path).data.n == {_AFTER}.n",
    ),
    "map_diff": (f"{_AFTER}.diff({_BEFORE})", f"{_BEFORE}.diff({_AFTER})"),
}
_QUERIES: Table = {
    "bool": (
        *("request.query.limit <= 10", "request.query.limit == null", "request.query.offset == 0"),
        *("request.query.orderBy == {}", "'n' in request.query.orderBy", "request.query.orderBy.n == 'ASC'"),
        *("request.query.parent == null", "request.query.kind == 'c'", "request.query.allDescendants"),
        *("request.query.limit != null && request.query.limit < 5 || <bool>", "!('n' in resource.data)"),
        *("resource.data.n <compare> <int>", "resource.data.s <compare> <string>", "resource.data.f <compare> <float>"),
        *("<int> <compare> resource.data.k", "resource.data.t <compare> <timestamp>", "resource.data.b == <bool>"),
        *(
            "resource.data.n in [1, 2, 3]",
            "resource.data.s in <strings>",
            "'a' in resource.data.l",
            "1 in resource.data.q",
        ),
        *("resource.data.l.hasAny(<strings>)", "resource.data.l.hasAll(['a'])", "resource.data.o == request.auth.uid"),
        *(
            "resource.data.n is int",
            "resource.data.n is constraint",
            "resource.data.z == null",
            "resource.data.n != null",
        ),
        *(
            "resource.data.m.a == 1",
            "resource.data.m == {'a': 1}",
            "resource.data.r == /c/a",
            "resource.data.get('n', 1) == 1",
        ),
        *("resource.data.n > 0 && resource.data.n < 10", "resource.data.n == 1 || resource.data.b == true"),
        *("resource.id == 'a'", "resource.__name__ == request.path", "resource.data.keys().hasOnly(<strings>)"),
    ),
    "compare": ("==", "!=", "<", "<=", ">", ">="),
}


@cache
def conditions(method: str, captures: tuple[str, ...]) -> Grammar:
    """The grammar for an allow of the method below these captures."""
    grammar = EXPRESSIONS.extended(_USERS, weight=2)
    for data in _SEEN[method]:
        grammar = grammar.extended(_fields(data), weight=3)
    if method in ("create", "update", "write"):
        grammar = grammar.extended(_WRITES, weight=3)
    if method in ("update", "write"):
        grammar = grammar.extended(_UPDATES, weight=3)
    if method in ("list", "read"):
        grammar = grammar.extended(_QUERIES, weight=6 if method == "list" else 1)
    return grammar.extended({"string": captures, "bool": _owned(captures)}, weight=2)


def _owned(captures: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"request.auth.uid == {each}" for each in captures)


def _fields(data: str) -> Table:
    """Everything that can be said of the fields of `data`."""
    table: dict[str, list[str]] = {"map": [data], "bool": [], "any": []}
    for name, kind in FIELDS.items():
        if kind in EXPRESSIONS.forms:
            table.setdefault(kind, []).append(f"{data}.{name}")
            table["bool"].append(f"{data}.{name} == <{kind}>")
    table["bool"] += [
        *(f"{data}.s == <string>", f"{data}.n is int", f"'n' in {data}", f"{data}.m.a == 1", f"<string> in {data}.l"),
        *(f"{data}.get('n', 0) >= 0", f"{data}.keys().hasAll(['n', 's'])", f"{data}.o == request.auth.uid"),
        *(f"{data}.z == null", f"{data}.v is vector", f"{data}.m.get(request.auth.uid, '') == 'admin'"),
        *(f"{data}.t < request.time", f"{data}.s.size() < 5", f"{data}.n > <int>", f"{data}.v == {data}.v"),
    ]
    table["int"] += [f"{data}.m.a", f"{data}.get('n', 0)", f"{data}.l.size()", f"{data}.get(['m', 'a'], 0)"]
    table["string"] += [f"{data}['s']", f"{data}.get('s', '')"]
    table["error"] = [f"{data}.missing", f"{data}.m.missing", f"{data}.v.size()", f"{data}.v[0]"]
    del table["any"]
    return {kind: tuple(texts) for kind, texts in table.items()}
