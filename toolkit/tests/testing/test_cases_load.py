"""Case files: what they become, and every fault with its line."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from firewarden.errors import CaseFileError
from firewarden.indexes.notation import DeleteField, Now, ServerTime
from firewarden.testing import load_cases

HERE = Path(__file__).parent
HEAD = "describe: d\nactors: {ana: {}}\ncases:\n"


def faults(tmp_path: Path, text: str) -> list[str]:
    """The faults of a file with this text, without the file's name."""
    path = tmp_path / "x.cases.yaml"
    path.write_text(text)
    with pytest.raises(CaseFileError) as failure:
        load_cases(path)
    return [str(fault).removeprefix(f"{path}:") for fault in failure.value.faults]


def test_a_file_becomes_values() -> None:
    loaded = load_cases(HERE / "sample.cases.yaml")
    cases = {case.name: case for case in loaded.cases}
    replaced = cases["documents of a case replace those of the file"]
    (update,) = cases["an update takes field paths"].operations

    assert loaded.describe == "Every kind of request and value the format knows"
    assert loaded.actors["ana"].claims == {"role": "staff"}
    assert loaded.documents["own/ana"] == {"n": 1, "at": Now(timedelta(days=-1))}
    assert dict(update.data or {}) == {"deep.er": 1, "n": DeleteField()}
    assert replaced.documents.keys() == {"own/ana", "a/1/notes/x"}
    assert replaced.documents["own/ana"] == {"n": 0}
    (written,) = cases["a set replaces"].operations
    assert written.data == {"n": 2, "at": ServerTime()}
    assert cases["an update takes field paths"].because == "the keys of an update are field paths"


def test_a_case_knows_its_place_and_has_an_id_for_pytest() -> None:
    case = load_cases(HERE / "sample.cases.yaml").cases[2]

    assert case.id == "sample/a-user-does-not-get-another-s"
    assert case.place == f"{HERE / 'sample.cases.yaml'}:{case.line}"
    assert (HERE / "sample.cases.yaml").read_text().splitlines()[case.line - 1].strip().startswith("- {name: a user")


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("{name: n, as: ana, get: a/b}", "4: a case lacks expect:"),
        ("{name: n, as: eve, get: a/b, expect: deny}", "4: as is one of guest, owner, ana, not 'eve'"),
        ("{name: n, as: ana, get: a/b, expect: maybe}", "4: expect is one of allow, deny, not 'maybe'"),
        ("{name: n, as: ana, get: a, expect: deny}", "4: 'a' is not a document path such as events/e1"),
        ("{name: n, as: ana, get: a//b/c, expect: deny}", "4: 'a//b/c' is not a document path such as events/e1"),
        ("{name: n, as: ana, set: a/b, expect: deny}", "4: set needs data"),
        ("{name: n, as: ana, get: a/b, data: {}, expect: deny}", "4: get takes no data"),
        ("{name: n, as: ana, set: a/b, data: [], expect: deny}", "4: data must be a mapping, not []"),
        (
            "{name: n, as: ana, get: a/b, delete: a/b, expect: deny}",
            "4: a case makes one request; this one has get and delete (of get, list, create, set,",
        ),
        (
            "{name: n, as: ana, expect: deny}",
            "4: a case makes one request; this one asks nothing (of get, list, create, set,",
        ),
        (
            "{name: n, as: ana, set: a/b, data: {x: !delete_field }, expect: deny}",
            "4: x: !delete_field works in update and set_merge, not in set",
        ),
        (
            "{name: n, as: ana, batch: [{get: a/b}], expect: deny}",
            "4: unknown key 'get' in a write; there are create, set, set_merge, update, delete, data",
        ),
        ("{name: n, as: ana, batch: [], expect: deny}", "4: batch must be a list with at least one entry"),
        ("{name: n, as: ana, list: {group: a/b}, expect: deny}", "4: 'a/b' is not a collection id such as rsvps"),
        ("{name: n, as: ana, get: a/b, documents: {x: {}}, expect: deny}", "4: 'x' is not a document path such as"),
        ("{name: n, name: m, as: ana, get: a/b, expect: deny}", "4: the key 'name' is written twice"),
        ("{name: n, as: ana, get: a/b, expct: deny, expect: deny}", "4: unknown key 'expct' in a case; there are"),
    ],
)
def test_a_fault_is_named_with_its_line(case: str, expected: str, tmp_path: Path) -> None:
    found = faults(tmp_path, f"{HEAD}  - {case}\n")
    assert any(fault.startswith(expected) for fault in found), found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["1: the file must be a mapping, not None"]),
        ("describe: d\ncases: []\n", ["2: cases must be a list with at least one entry"]),
        ("describe: [d\n", ["2: is not YAML: expected ',' or ']', but got '<stream end>'"]),
        ("describe: d\ncases: *nothing\n", ["2: is not YAML: found undefined alias 'nothing'"]),
        (
            HEAD.replace("ana:", "guest:") + "  - {name: n, as: guest, get: a/b, expect: deny}\n",
            ["2: guest is built in; name this actor otherwise"],
        ),
    ],
)
def test_a_file_that_is_none_is_refused(text: str, expected: list[str], tmp_path: Path) -> None:
    assert faults(tmp_path, text) == expected


def test_every_fault_is_reported_at_once_in_order(tmp_path: Path) -> None:
    text = HEAD + "  - {name: n, as: eve, get: a, expect: deny}\n  - {name: n, as: ana, get: a/b, expect: 1}\n"
    assert [fault.partition(":")[0] for fault in faults(tmp_path, text)] == ["4", "4", "5"]


def test_two_cases_may_not_have_the_same_id(tmp_path: Path) -> None:
    case = "  - {name: %s, as: ana, get: a/b, expect: deny}\n"
    (fault,) = faults(tmp_path, HEAD + case % "One thing" + case % "one-thing")
    assert fault.startswith("5: a case named like 'one-thing' is there already, at ")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CaseFileError, match=r"nowhere.cases.yaml: cannot be read"):
        load_cases(tmp_path / "nowhere.cases.yaml")


def test_loading_needs_no_google_library() -> None:
    """The same files run through other engines; where they do, no client library needs to be installed."""
    code = (
        "import sys; from firewarden.testing import load_cases; load_cases(sys.argv[1]);"
        "print(sorted({'google.cloud.firestore', 'grpc', 'httpx', 'pytest'} & sys.modules.keys()))"
    )
    command = [sys.executable, "-c", code, str(HERE / "sample.cases.yaml")]
    result = subprocess.run(  # noqa: S603 - our own command line
        command, capture_output=True, text=True, check=True, timeout=60
    )
    assert result.stdout.strip() == "[]"
