"""`firewarden rules coverage`: which conditions of your rules were met and not met, by case files or by test runs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from firewarden.cli.options import Commands, add_command, percentage
from firewarden.cli.rules_cases import chosen_cases, found_case_files
from firewarden.cli.rules_files import add_compatibility, compatibility, read_rules, rules_file
from firewarden.coverage import Recorder, Report, Summary, as_lcov, as_page, as_text, chosen, read_report, summary
from firewarden.errors import FirewardenError
from firewarden.rules import compile_rules
from firewarden.rules.compiled import CompiledRules

_EXAMPLES = """\
  firewarden rules coverage                               every case below this folder
  firewarden rules coverage rules/cases/events.cases.yaml
  firewarden rules coverage --fail-under 95               exit 1 below 95 % of the outcomes
  firewarden rules coverage --format html --output coverage.html
  pytest --rules-coverage=json:run.json; firewarden rules coverage run.json --format lcov"""


def add_to(commands: Commands) -> None:
    """Declare the command and its arguments."""
    command = add_command(
        commands,
        "coverage",
        summary="show which conditions of your rules were never met, or always",
        about="Decide all cases of case files, or read reports of test runs and servers, and show what each allow and\n"
        "condition of the rules came to. Without a file: every *.cases.yaml that pytest would find below this folder.",
        examples=_EXAMPLES,
    )
    add = command.add_argument
    add("files", nargs="*", type=Path, metavar="FILE", help="case files (*.yaml), or reports (*.json)")
    add("--rules", type=Path, metavar="FILE", help="rules file (default: of firebase.json, or here)")
    add_compatibility(command, default="production")
    add("--format", choices=tuple(_FORMATS), default="text", help="what is written (default: text)")
    add("--output", type=Path, metavar="FILE", help="where to (default: stdout)")
    add("--fail-under", type=percentage, metavar="PERCENT", help="exit 1 if fewer of the outcomes were seen")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0, or 1 where less is covered than `--fail-under` wants."""
    found = summary(_report(args))
    written = _FORMATS[args.format](found)
    if args.output is None:
        print(written, end="" if written.endswith("\n") else "\n")
    else:
        args.output.write_text(written, encoding="utf-8")
    if args.fail_under is None or found.percent >= args.fail_under:
        return 0
    print(f"{found.percent:.1f} % of the outcomes were seen, {args.fail_under:g} % are wanted", file=sys.stderr)
    return 1


def _report(args: argparse.Namespace) -> Report:
    reports = [each for each in args.files if each.suffix == ".json"]
    cases = [each for each in args.files if each.suffix != ".json"]
    if reports and cases:
        raise FirewardenError("Reports and case files cannot be mixed.", hint="Write a report of the cases first.")
    file = rules_file(args.rules)
    if not reports:
        text = read_rules(file)
        return _of_cases(compile_rules(text, compatibility=compatibility(args)), cases, file.name)
    text = read_rules(file) if args.rules is not None or file.is_file() else ""
    report = chosen([read_report(_read(each), name=str(each)) for each in reports], text)
    if report is None:
        raise FirewardenError(
            f"The reports are on several rules, and none on {file}.", hint="Name the rules they are on with --rules."
        )
    return report


def _of_cases(rules: CompiledRules, named: Sequence[Path], name: str) -> Report:
    recorder, now = Recorder(), datetime.now(UTC)
    for file in named or found_case_files(Path.cwd()):
        cases = chosen_cases(file)
        from firewarden.testing.rules import prepare  # noqa: PLC0415 - needs the extra, which `chosen_cases` asked for

        for case in cases:
            prepared = prepare(case, now=now)
            if not prepared.is_owner:  # to whom no rules apply
                recorder.record(rules, prepared.request, prepared.read)
    return recorder.report(rules, file=name)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FirewardenError(f"{file} cannot be read: {error}.") from error


_FORMATS: Mapping[str, Callable[[Summary], str]] = {
    "text": as_text,
    "html": as_page,
    "json": lambda found: json.dumps(found.report.to_json(), ensure_ascii=False),
    "lcov": as_lcov,
}
