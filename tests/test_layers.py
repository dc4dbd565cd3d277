"""Dependencies of the functions point one way: pure modules import no I/O, and nothing imports the toolkit."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FUNCTIONS = ROOT / "functions"

# What only the edges may touch. A module that is in no list below is pure: it takes values and returns values.
IO = ("google", "firebase_admin", "firebase_functions", "flask", "functions_framework", "grpc", "os", "threading")
EDGES = {
    "main",
    "gather.attendance.commit",
    "gather.attendance.draining",
    "gather.attendance.ledger",
    "gather.attendance.line",
    "gather.attendance.offers",
    "gather.attendance.opening",
    "gather.attendance.pending",
    "gather.attendance.recount",
    "gather.attendance.repair",
    "gather.attendance.sweep",
    "gather.delivery",
    "gather.events.listing",
    "gather.events.teasers",
    "gather.payments.checkout",
    "gather.payments.effects",
    "gather.payments.fulfil",
    "gather.payments.holds",
    "gather.payments.opening",
    "gather.payments.repeats",
    "gather.payments.taking",
    "gather.payments.gateway",  # the one module that asks Stripe
    "gather.payments.access",
    "gather.payments.claims",
    "gather.payments.deleted_events",
    "gather.payments.intake",
    "gather.payments.listing",
    "gather.payments.reconcile",
    "gather.payments.refund_endpoints",
    "gather.payments.refunds",
    "gather.payments.webhooks",
    "gather.tickets.seats",
    "gather.tickets.setup",  # transactions of organizers
    "gather.tickets.setup_endpoints",
    "gather.feeds.http_cache",  # conditional requests, and bodies kept by their ETag
    "gather.feeds.index",  # the index document, with the server's clock in it
    "gather.feeds.paging",  # refuses what a request asks for
    "gather.feeds.reading",
    "gather.notifications.announce",
    "gather.observability",
    "gather.receipts.access",
    "gather.receipts.storage",  # the bucket
    "gather.runtime",
    "gather.transactions",
    "gather.turns",
}
EDGE_NAMES = {"store", "write", "triggers", "endpoints"}  # in a domain's folder
EDGE_PACKAGES = {"gather.http"}
PURE_MAY_NOT_IMPORT = ("gather.runtime", "gather.transactions", "gather.http", "gather.observability")


def modules() -> list[Path]:
    return sorted(path for path in FUNCTIONS.rglob("*.py") if "venv" not in path.parts)


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(FUNCTIONS).with_suffix("").parts).removesuffix(".__init__")


def is_edge(name: str) -> bool:
    return (
        name in EDGES
        or name.rpartition(".")[2] in EDGE_NAMES
        or any(name == package or name.startswith(package + ".") for package in EDGE_PACKAGES)
    )


def imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def faults(name: str, source: str) -> list[str]:
    found = []
    for target in imported(source):
        if under(target, ("firewarden", "firewarden_pytest")):
            found.append(f"{name} imports {target}: what is deployed does not know the toolkit")
        if not is_edge(name) and under(target, (*IO, *PURE_MAY_NOT_IMPORT)):
            found.append(f"{name} imports {target}: it is pure; put I/O into store.py, triggers.py or endpoints.py")
    return found


def under(target: str, roots: tuple[str, ...]) -> bool:
    return any(target == root or target.startswith(root + ".") for root in roots)


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_module_imports_only_what_its_layer_may(path: Path) -> None:
    assert faults(name_of(path), path.read_text()) == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("gather.events.model", "import os"),
        ("gather.attendance.settle", "from google.cloud import firestore"),
        ("gather.feeds.ical", "from gather.runtime import runtime"),
        ("gather.events.store", "from firewarden.testing import Database"),
        ("main", "import firewarden"),
    ],
)
def test_a_wrong_import_is_found(name: str, source: str) -> None:
    assert faults(name, source)


def test_the_toolkit_does_not_know_the_functions() -> None:
    for path in (ROOT / "toolkit" / "src").rglob("*.py"):
        wrong = [target for target in imported(path.read_text()) if under(target, ("gather",))]
        assert wrong == [], f"{path} imports {wrong}"
