"""Every function that queries is in indexes/queries.yaml, found by reading the source, not by running it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from firewarden.indexes import read_catalog

_ROOT = Path(__file__).parents[2]
_QUERYING = {"where", "order_by", "collection_group"}


def test_every_function_that_queries_is_in_the_catalog() -> None:
    catalog = read_catalog(_ROOT / "indexes" / "queries.yaml")
    listed = {user for query in catalog.queries if query.run_by == "function" for user in query.used_by}
    source = _ROOT / "functions"
    found = {name for file in source.glob("gather/**/*.py") for name in _functions_that_query(file, source)}
    assert found == listed


def test_a_query_is_found_where_it_is_made(tmp_path: Path) -> None:
    """Negative control: a query in a method and in a nested function is seen, a word in a text is not."""
    file = tmp_path / "shop" / "store.py"
    file.parent.mkdir()
    file.write_text(
        "class Store:\n"
        "    def line(self, client):\n"
        "        return client.collection('a').order_by('b')\n"
        "def late(client):\n"
        "    def inner():\n"
        "        return client.collection_group('a')\n"
        "    return inner\n"
        "def talk():\n"
        "    return 'order_by'\n"
    )
    assert set(_functions_that_query(file, tmp_path)) == {"shop.store:Store.line", "shop.store:late"}


def _functions_that_query(file: Path, source: Path) -> Iterator[str]:
    module = ".".join(file.relative_to(source).with_suffix("").parts)
    for name, function in _functions(ast.parse(file.read_text(encoding="utf-8")).body):
        calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
        if any(isinstance(called, ast.Attribute) and called.attr in _QUERYING for called in calls):
            yield f"{module}:{name}"


def _functions(body: list[ast.stmt], owner: str = "") -> Iterator[tuple[str, ast.AST]]:
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield owner + name, statement
            case ast.ClassDef(name=name, body=inner):
                yield from _functions(inner, f"{owner}{name}.")
            case _:
                pass
