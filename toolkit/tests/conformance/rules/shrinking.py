"""Makes a difference smaller while it stays the same kind of difference, asking both engines at every step."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from firewarden.language import ast, parse, parse_expression, print_expression, print_ruleset
from toolkit.tests.conformance.rules.differences import Difference, of_programs, of_record, of_source
from toolkit.tests.conformance.rules.known import reason_of
from toolkit.tests.conformance.rules.official import Json, Official
from toolkit.tests.conformance.rules.programs import Program
from toolkit.tests.conformance.rules.records import Record, refused
from toolkit.tests.conformance.rules.reductions import smaller_json, smaller_trees

_STEPS_MAX = 200
_ATTEMPTS_MAX = 250
_BATCH = 40


def shrunk(official: Official, difference: Difference) -> Difference:
    """The smallest difference found: no single reduction of it differs in the same way."""
    for _ in range(_STEPS_MAX):
        smaller = _first_smaller(official, difference)
        if smaller is None:
            break
        difference = smaller
    return difference


def _first_smaller(official: Official, difference: Difference) -> Difference | None:
    if difference.format == "expr":
        return _smaller_program(official, difference)
    if difference.format == "compile":
        return _smaller_source(official, difference)
    for question in islice(_smaller_questions(difference.record), _ATTEMPTS_MAX):
        found = _asked(official, question)
        if found is not None and _is_same_kind(found, difference):
            return found
    return None


def _is_same_kind(found: Difference, difference: Difference) -> bool:
    return found.signature == difference.signature and reason_of(found) is None


def _asked(official: Official, question: Json) -> Difference | None:
    try:
        return of_record(official, question)[1]
    except (KeyError, ValueError, TypeError, IndexError):
        return None  # the reduced request is none


def _smaller_program(official: Official, difference: Difference) -> Difference | None:
    programs = _smaller_programs(difference.record)
    while batch := list(islice(programs, _BATCH)):
        for found in of_programs(official, batch):
            if _is_same_kind(found, difference):
                return found
    return None


def _smaller_programs(record: Json) -> Iterator[Program]:
    functions = record.get("functions", "").splitlines()
    for number in range(len(functions)):
        yield Program(record["expr"], "\n".join(functions[:number] + functions[number + 1 :]))
    tree = parse_expression(record["expr"])
    if not isinstance(tree, tuple):
        texts = dict.fromkeys(print_expression(each) for each in smaller_trees(tree))
        yield from (Program(each, record.get("functions", "")) for each in texts if each != record["expr"])
    for number, line in enumerate(functions):
        for each in _smaller_sources(line):
            yield Program(
                record["expr"], "\n".join([*functions[:number], " ".join(each.split()), *functions[number + 1 :]])
            )


def _smaller_source(official: Official, difference: Difference) -> Difference | None:
    for source in islice(_smaller_sources(difference.record["source"]), _ATTEMPTS_MAX):
        put = official.put_rules(source)
        record = {"source": source, "accepted": True, "error": ""} if put.is_ok else refused(source, put)
        found = of_source(record)
        if found is not None and _is_same_kind(found, difference):
            return found
    return None


def _smaller_sources(source: str) -> Iterator[str]:
    """Smaller rulesets, if the source can be read at all; printed, so that the first may only be tidier."""
    tree = parse(source).ruleset
    if tree is not None:
        yield from _distinct(source, (print_ruleset(each) for each in _plausible(smaller_trees(tree))))


def _distinct(source: str, texts: Iterable[str]) -> Iterator[str]:
    seen = {source}
    for each in texts:
        if each not in seen:
            seen.add(each)
            yield each


def _plausible(trees: Iterator[ast.Ruleset]) -> Iterator[ast.Ruleset]:
    yield from (each for each in trees if isinstance(each, ast.Ruleset))


def _smaller_questions(record: Json) -> Iterator[Record]:
    question = {key: record[key] for key in ("rules", "documents", "auth", "request")}
    if question["auth"]:
        yield {**question, "auth": None}
    yield from ({**question, "documents": each} for each in _smaller_documents(question["documents"]))
    yield from ({**question, "request": each} for each in smaller_json(question["request"]))
    yield from ({**question, "rules": each} for each in _smaller_sources(question["rules"]))
    if question["auth"]:
        yield from ({**question, "auth": each} for each in smaller_json(question["auth"]))


def _smaller_documents(documents: Json) -> Iterator[Json]:
    yield from ({name: each for name, each in documents.items() if name != path} for path in documents)
    for path, given in documents.items():
        yield from ({**documents, path: {key: each for key, each in given.items() if key != name}} for name in given)


def size(difference: Difference) -> int:
    """How large the record is."""
    return len(json.dumps(difference.record))


def smallest(differences: Sequence[Difference]) -> Difference:
    """The one with the smallest record."""
    return min(differences, key=size)
