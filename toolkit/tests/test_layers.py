"""Dependencies point one way: what each part of the toolkit may import."""

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"
PACKAGE = "firewarden"

# Single modules beside the parts (`errors`, `values`, `limits`) hold plain data that any part may use.
PLAIN = frozenset({"errors", "values", "limits"})
EVERY = frozenset(
    {
        *("language", "rules", "lint", "coverage", "firestore", "indexes", "store", "server", "triggers"),
        *("testing", "cli"),
    }
)
ALLOWED: Mapping[str, frozenset[str]] = {
    "errors": frozenset(),
    "values": frozenset(),
    "limits": frozenset(),
    "language": frozenset(),
    "rules": frozenset({"language"}),
    "lint": frozenset({"rules", "language"}),
    "coverage": frozenset({"rules", "language"}),
    "firestore": frozenset(),
    "indexes": frozenset({"firestore"}),
    "store": frozenset({"firestore"}),
    "server": frozenset({"rules", "firestore", "store", "indexes"}),
    "triggers": frozenset(),
    "testing": EVERY - {"cli", "testing"},
    "cli": EVERY - {"cli"},
    "__main__": frozenset({"cli"}),
}
STANDARD_LIBRARY_ONLY = frozenset({*PLAIN, "language", "rules"})
# The one exception: Firestore's regular expressions are RE2's, which nobody should write again.
OUTSIDE: Mapping[str, frozenset[str]] = {"firewarden/rules/regex.py": frozenset({"re2"})}


def violations(path: Path, source: str) -> list[str]:
    """Return what the module at `path`, relative to the source folder, imports and must not."""
    part = part_of(path)
    found = []
    for line, name in imports(source, path):
        root, *rest = name.split(".")
        if root in ("functions", "gather"):
            found.append(f"{path}:{line}: {name}: the toolkit knows no backend")
        elif root == PACKAGE and rest and not may_import(part, rest[0]):
            found.append(f"{path}:{line}: {part} must not import {rest[0]}")
        elif root != PACKAGE and part in STANDARD_LIBRARY_ONLY and not is_at_hand(root, path):
            found.append(f"{path}:{line}: {part} uses the standard library only, not {root}")
    return found


def is_at_hand(root: str, path: Path) -> bool:
    return root in sys.stdlib_module_names or root in OUTSIDE.get(path.as_posix(), frozenset())


def part_of(path: Path) -> str:
    """`firewarden/rules/assemble.py` belongs to rules, `firewarden/errors.py` is errors."""
    inside = path.relative_to(PACKAGE).parts
    return inside[0].removesuffix(".py")


def may_import(part: str, other: str) -> bool:
    return other == part or other in PLAIN or other in ALLOWED[part]


def imports(source: str, path: Path) -> Iterator[tuple[int, str]]:
    """Imports anywhere in the module, inside functions and type checks too; relative ones made absolute."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = ".".join(path.parts[: -node.level]) if node.level else ""
            module = ".".join(part for part in (package, node.module) if part)
            if module == PACKAGE:
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, module


def modules() -> list[Path]:
    return sorted(
        path.relative_to(SOURCE)
        for path in (SOURCE / PACKAGE).rglob("*.py")
        if path != SOURCE / PACKAGE / "__init__.py"
    )


@pytest.mark.parametrize("path", modules(), ids=str)
def test_a_module_imports_only_what_its_part_may(path: Path) -> None:
    assert violations(path, (SOURCE / path).read_text()) == []


def test_every_part_is_in_the_table() -> None:
    assert {part_of(path) for path in modules()} <= set(ALLOWED)


def test_the_table_has_no_circles() -> None:
    """A part's dependencies, followed to the end, never come back to it."""
    for part in ALLOWED:
        reached: set[str] = set()
        edge = set(ALLOWED[part])
        while edge:
            reached |= edge
            edge = {further for each in edge for further in ALLOWED[each]} - reached
        assert part not in reached, part


@pytest.mark.parametrize(
    ("path", "source", "message"),
    [
        ("rules/a.py", "import httpx", "rules uses the standard library only, not httpx"),
        ("rules/a.py", "import re2", "rules uses the standard library only, not re2"),
        ("rules/a.py", "from firewarden.triggers import FunctionsHost", "rules must not import triggers"),
        ("rules/a.py", "def f():\n    from firewarden import testing", "rules must not import testing"),
        ("rules/a.py", "from ..cli import main", "rules must not import cli"),
        ("language/a.py", "import firewarden.rules.assembling", "language must not import rules"),
        ("triggers/a.py", "from firewarden.testing.control import EmulatorControl", "triggers must not import testing"),
        ("testing/a.py", "from firewarden.cli import main", "testing must not import cli"),
        ("errors.py", "from firewarden.rules import assemble", "errors must not import rules"),
        ("cli/a.py", "from gather.events import model", "the toolkit knows no backend"),
    ],
)
def test_a_wrong_import_is_found(path: str, source: str, message: str) -> None:
    (found,) = violations(Path(PACKAGE) / path, source)
    assert message in found


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("rules/a.py", "import re\nfrom firewarden.errors import Fault\nfrom firewarden.rules.fragments import scan"),
        ("rules/a.py", "from . import fragments\nfrom firewarden import errors"),
        ("triggers/a.py", "import httpx\nfrom firewarden.errors import PortInUse"),
        ("cli/a.py", "from firewarden.triggers import FunctionsHost\nfrom firewarden.testing import start_emulator"),
    ],
)
def test_a_right_import_is_not(path: str, source: str) -> None:
    assert violations(Path(PACKAGE) / path, source) == []


def test_the_plugin_imports_the_library_only_when_it_is_used() -> None:
    """Else its import would precede coverage measurement, and cost every test run that does not use it."""
    tree = ast.parse((SOURCE / "firewarden_pytest.py").read_text())
    assert eager_imports(tree) == []


def test_an_eager_import_would_be_found() -> None:
    source = """\
import firewarden
if TYPE_CHECKING:
    import firewarden.testing
try:
    from firewarden import errors
finally:
    def f():
        import firewarden.cli
"""
    assert eager_imports(ast.parse(source)) == [1, 5]


def eager_imports(tree: ast.Module) -> list[int]:
    """Return the lines outside functions and type checks that import the library."""
    lines = []
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop(0)
        names = (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        lines += [node.lineno for name in names if name.split(".")[0] == PACKAGE and hasattr(node, "lineno")]
        checks_types = isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        if not checks_types and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting += list(ast.iter_child_nodes(node))
    return lines
