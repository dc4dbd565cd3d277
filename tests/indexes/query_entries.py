"""Finds the functions that query Firestore, in the source of this house; runs and imports nothing.

A query is recognized by the call that makes it: a method that only queries have, or a collection that is read as a
whole. What a name holds is known only inside the function that gave it its value, so a function that is handed a
query and runs it is not found; the one that made the query is.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

# Only queries and collections have these, whatever stands before the dot.
_QUERY_METHODS = frozenset(
    {
        "where", "order_by", "select", "recursive", "limit", "limit_to_last", "offset", "start_at", "start_after",
        "end_at", "end_before", "find_nearest", "collection_group", "stream",
    }
)  # fmt: skip
# Documents, mappings and lists have these as well.
_COLLECTION_METHODS = frozenset({"get", "count", "sum", "avg", "on_snapshot"})
_TYPES = frozenset({"CollectionReference", "AsyncCollectionReference"})


def functions_that_query(file: Path, source: Path) -> Iterator[str]:
    """Yield `package.module:function` or `package.module:Class.method` for each one in the file that queries."""
    module = ".".join(file.relative_to(source).with_suffix("").parts)
    for name, statement in _owned(ast.parse(file.read_text(encoding="utf-8")).body, owner="", rest="<module>"):
        names = _names_of_collections(statement)
        if any(_is_entry(node, names) for node in ast.walk(statement) if isinstance(node, ast.Call)):
            yield f"{module}:{name}"


def _owned(body: list[ast.stmt], *, owner: str, rest: str) -> Iterator[tuple[str, ast.stmt]]:
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield owner + name, statement
            case ast.ClassDef(name=name, body=inner):
                yield from _owned(inner, owner=f"{owner}{name}.", rest=f"{owner}{name}.<body>")
            case _:
                yield rest, statement


def _is_entry(call: ast.Call, names: frozenset[str]) -> bool:
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    match call.func:
        case ast.Attribute(attr=method) if method in _QUERY_METHODS:
            return True
        case ast.Attribute(attr=method, value=receiver) if method in _COLLECTION_METHODS:
            # `transaction.get(collection)` runs what it is given.
            return _is_collection(receiver, names) or any(_is_collection(each, names) for each in arguments)
        case ast.Name(id="read_query") | ast.Attribute(attr="read_query"):
            return any(_is_collection(each, names) for each in arguments)
        case _:
            return False


def _is_collection(node: ast.expr, names: frozenset[str]) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="collection")):
            return True
        case ast.Name(id=name):
            return name in names
        case ast.NamedExpr(value=value):
            return _is_collection(value, names)
        case _:
            return False


def _names_of_collections(statement: ast.stmt) -> frozenset[str]:
    """Return the names that are given a collection anywhere in the statement, or run through some."""
    names: set[str] = set()
    for node in ast.walk(statement):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                | ast.NamedExpr(target=ast.Name(id=name), value=value)
            ) if _is_collection(value, frozenset()):
                names.add(name)
            case (
                ast.For(target=ast.Name(id=name), iter=several)
                | ast.AsyncFor(target=ast.Name(id=name), iter=several)
                | ast.comprehension(target=ast.Name(id=name), iter=several)
            ) if _is_several_collections(several):
                names.add(name)
            case ast.arg(arg=name, annotation=ast.Name(id=kind) | ast.Attribute(attr=kind)) if kind in _TYPES:
                names.add(name)
    return frozenset(names)


def _is_several_collections(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="collections")):
            return True
        case _:
            return False
