"""How requests are billed: the examples of https://firebase.google.com/docs/firestore/pricing, and what it costs."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from firewarden.errors import PricesInvalid
from firewarden.firestore.billing.law import (
    RESUME_SECONDS,
    aggregation_reads,
    charged_entries,
    query_reads,
    range_fields,
    resumed_reads,
)
from firewarden.firestore.billing.prices import known_prices, read_prices
from firewarden.firestore.billing.tables import Line, bill, explained, money, size
from firewarden.firestore.billing.usage import NAMES, NOTHING, Usage
from firewarden.firestore.billing.wording import query_text
from firewarden.firestore.query.model import (
    NAME,
    And,
    Cursor,
    Distance,
    Filter,
    FindNearest,
    Operator,
    Or,
    Order,
    Query,
    Where,
)
from firewarden.firestore.query.statistics import Statistics
from firewarden.values import Reference, Vector

AGE, START, EMBEDDING = ("age",), ("start_date",), ("embedding_field",)
AGE_IS = Filter(AGE, Operator.EQUAL, 35)
AGE_FROM = Filter(AGE, Operator.GREATER_THAN_OR_EQUAL, 35)
START_FROM = Filter(START, Operator.GREATER_THAN_OR_EQUAL, 2020)
NAMED = Filter(NAME, Operator.IN, [Reference("p", "(default)", ("employees", "Alice"))])
NEAREST = FindNearest(field=EMBEDDING, vector=Vector((3.0, 1.0, 2.0)), limit=5, distance=Distance.EUCLIDEAN)


@pytest.mark.parametrize(
    ("where", "orders", "fields"),
    [
        (And((AGE_IS, START_FROM)), (), {START}),
        (And((AGE_FROM, START_FROM)), (), {AGE, START}),
        (AGE_FROM, (START,), {AGE, START}),
        (AGE_FROM, (AGE,), {AGE}),
        (NAMED, (AGE,), {NAME, AGE}),
        (NAMED, (), {NAME}),
        (AGE_IS, (START,), set()),
        (None, (START, AGE), set()),
        (Or((AGE_FROM, And((AGE_IS, START_FROM)))), (), {AGE, START}),
        (Filter(AGE, Operator.NOT_EQUAL, 1), (START,), {AGE, START}),
        (Filter(AGE, Operator.ARRAY_CONTAINS, 1), (START,), set()),
    ],
)
def test_range_fields(where: Where | None, orders: tuple[tuple[str, ...], ...], fields: set[object]) -> None:
    query = Query(collection="employees", where=where, order_by=tuple(map(Order, orders)))
    assert range_fields(query) == fields


def test_documents_returned_and_skipped_are_reads() -> None:
    """An offset of 10 and one document: 11 reads."""
    statistics = Statistics(entries=11, documents=11, skipped=10, results=1)
    assert query_reads(Query(collection="c", offset=10), statistics) == 11


def test_a_query_that_finds_nothing_is_a_read() -> None:
    assert query_reads(Query(collection="c"), Statistics()) == 1


@pytest.mark.parametrize(("entries", "reads"), [(0, 3), (1, 4), (1_000, 4), (1_001, 5)])
def test_index_entries_are_reads_from_the_second_range_on(entries: int, reads: int) -> None:
    statistics = Statistics(entries=entries, documents=3, results=3)
    two = Query(collection="c", where=And((AGE_FROM, START_FROM)))
    assert query_reads(two, statistics) == reads
    assert charged_entries(two, statistics) == entries
    one = Query(collection="c", where=START_FROM)
    assert (query_reads(one, statistics), charged_entries(one, statistics)) == (3, 0)


def test_vector_entries_are_reads_by_the_hundred() -> None:
    """5 documents and 1550 entries of the vector index: 5 reads and 16."""
    statistics = Statistics(entries=1_600, documents=1_600, vectors=1_550, results=5)
    assert query_reads(Query(collection="cities", nearest=NEAREST), statistics) == 5 + 16


@pytest.mark.parametrize(("entries", "reads"), [(0, 1), (1, 1), (1_000, 1), (1_001, 2), (1_500, 2)])
def test_aggregations_read_entries(entries: int, reads: int) -> None:
    assert aggregation_reads(Statistics(entries=entries, results=1, is_aggregation=True)) == reads


def test_a_listener_that_was_away_for_half_an_hour_begins_anew() -> None:
    assert resumed_reads(1_000, 3, away_seconds=RESUME_SECONDS) == 3
    assert resumed_reads(1_000, 3, away_seconds=RESUME_SECONDS + 1) == 1_000


def test_usage_is_added_subtracted_and_sent() -> None:
    spent = Usage(reads=3, writes=2, egress=10) + Usage(reads=1, lookups=1)
    assert spent == Usage(reads=4, writes=2, lookups=1, egress=10)
    assert spent - Usage(reads=4, lookups=1) == Usage(writes=2, egress=10)
    assert Usage.of_json(spent.as_json()) == spent
    assert tuple(spent.as_json()) == NAMES
    assert spent
    assert not NOTHING


def test_money_is_exact() -> None:
    prices = known_prices("nam5")
    assert prices.cost(Usage(reads=1)) == Decimal("0.0000006")
    assert prices.cost(Usage(reads=100_000, writes=100_000, deletes=100_000)) == Decimal("0.26")
    assert prices.cost(Usage(egress=1 << 30)) == Decimal("0.12")
    assert known_prices().location == "us-central1"
    assert known_prices().cost(Usage(reads=100_000, writes=100_000, ttl_deletes=100_000)) == Decimal("0.13")


def test_lookups_and_entries_are_paid_for_as_reads_only() -> None:
    assert known_prices().cost(Usage(lookups=100_000, index_entries=100_000)) == 0


def test_the_share_of_what_is_free() -> None:
    assert known_prices().free_share(Usage(reads=25_000, writes=15_000)) == ("writes", Decimal("0.75"))


def own_file(folder: Path, **changes: object) -> Path:
    table = {"reads": "1", "writes": "2", "deletes": "3", "ttl_deletes": "4", "source": "contract", "as_of": "2026"}
    content = {
        "currency": "EUR",
        "default": "eur3",
        "free": {"reads_per_day": 1, "writes_per_day": 1, "deletes_per_day": 1},
        "egress_per_gib": {"price": "0"},
        "per_100000": {"eur3": {**table, **changes}},
    }
    file = folder / "prices.json"
    file.write_text(json.dumps(content))
    return file


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    prices = read_prices(own_file(tmp_path))
    assert (prices.currency, prices.location, prices.source) == ("EUR", "eur3", "contract")
    assert prices.cost(Usage(reads=50_000, egress=1 << 40)) == Decimal("0.5")


@pytest.mark.parametrize("price", [0.06, "cheap", "-1", "NaN", None])
def test_prices_are_texts(price: object, tmp_path: Path) -> None:
    with pytest.raises(PricesInvalid, match="is no price file"):
        read_prices(own_file(tmp_path, reads=price))


def test_a_location_without_prices_is_named(tmp_path: Path) -> None:
    with pytest.raises(PricesInvalid, match="has no prices for mars1") as caught:
        known_prices("mars1")
    assert "us-central1" in caught.value.hint
    with pytest.raises(PricesInvalid, match="cannot be read"):
        read_prices(tmp_path / "nowhere.json")


def test_a_bill_is_aligned_and_leaves_out_what_nobody_used() -> None:
    lines = [Line("a", Usage(reads=1_200, lookups=2, egress=2048)), Line("longer", Usage(reads=3, writes=1))]
    assert bill(lines, known_prices()) == [
        "        reads  of rules  writes  bytes out        USD",
        "a       1,200         2            2.0 KiB    0.00036",
        "longer      3                 1             0.0000018",
        "total   1,203         2       1    2.0 KiB    0.00036",
    ]


def test_colour_adds_nothing_but_colour() -> None:
    lines = [Line("a", Usage(reads=1))]
    plain, colored = bill(lines, known_prices()), bill(lines, known_prices(), color=True)
    assert plain == [each.replace("\x1b[1m", "").replace("\x1b[2m", "").replace("\x1b[0m", "") for each in colored]
    assert plain != colored


@pytest.mark.parametrize(
    ("amount", "text"), [("0", "0"), ("0.0000012", "0.0000012"), ("0.15", "0.15"), ("12.4", "12.40"), ("1", "1.00")]
)
def test_small_money_is_not_rounded_to_nothing(amount: str, text: str) -> None:
    assert money(Decimal(amount)) == text


def test_sizes() -> None:
    assert [size(each) for each in (0, 1, 1_536, 3 << 20, 5 << 30)] == ["", "1 B", "1.5 KiB", "3.0 MiB", "5.0 GiB"]


def test_what_the_money_means_is_said() -> None:
    text = explained(known_prices(), Usage(writes=2_000))
    assert "us-central1 (2026-08-18)" in text
    assert "0.10 % of the writes" not in text
    assert "10.00 % of the writes" in text


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (Query(collection="notes"), "notes"),
        (Query(parent=("users", "ana"), collection="notes", limit=3), "users/ana/notes limit 3"),
        (Query(collection="notes", all_descendants=True), "all notes"),
        (Query(parent=("a", "b"), collection="notes", all_descendants=True), "all notes below a/b"),
        (
            Query(
                collection="c",
                where=And((AGE_IS, Or((START_FROM, NAMED)))),
                order_by=(Order(AGE, descending=True),),
            ),
            "c where age == 35 and (start_date >= 2020 or __name__ in [employees/Alice]) order by age desc",
        ),
        (Query(collection="c", where=Filter(AGE, Operator.IS_NULL), offset=2), "c where age is-null offset 2"),
        (Query(collection="c", nearest=NEAREST), "c nearest by embedding_field limit 5"),
        (Query(order_by=(Order(AGE),), start=Cursor((1,), before=True)), "* order by age from 1"),
    ],
)
def test_queries_in_words(query: Query, text: str) -> None:
    assert query_text(query) == text
