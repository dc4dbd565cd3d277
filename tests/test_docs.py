"""The documentation tells the truth where a test can know: links resolve, commands exist, settings are listed."""

import re
from pathlib import Path

import pytest

from gather.settings import SettingsError, settings_from

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path
    for path in [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "rules").glob("*.md"),
        *(ROOT / "toolkit").rglob("*.md"),
    ]
    if not {".venv", "node_modules"} & set(path.parts)
)
LINK = re.compile(r"(?<!\!)\[[^\]]+\]\((?!https?://|mailto:|#)([^)#]+)(?:#[^)]*)?\)")


def page_id(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_between_pages_resolve(page: Path) -> None:
    broken = [target for target in LINK.findall(page.read_text()) if not (page.parent / target).exists()]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_make_targets_named_in_a_page_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^\$ |`)make ([a-z][a-z-]*)", page.read_text(), re.MULTILINE))
    assert named <= targets


def test_the_example_environment_lists_every_setting_the_start_asks_for() -> None:
    with pytest.raises(SettingsError) as refused:
        settings_from({})
    asked = set(re.findall(r"GATHER_\w+", str(refused.value)))
    example = (ROOT / "functions" / ".env.example").read_text()
    assert asked
    assert all(f"\n{name}=" in example for name in asked)


def test_decisions_are_numbered_once_and_say_what_was_rejected() -> None:
    files = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [path.name[:4] for path in files]
    assert numbers == [f"{number:04}" for number in range(1, len(files) + 1)]
    for path in files:
        text = path.read_text()
        assert text.startswith(f"# {path.name[:4]} ")
        assert "**Rejected.**" in text, path


def test_ci_runs_the_command_of_the_readme() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text().splitlines()
    assert "$ make test" in (ROOT / "README.md").read_text()
