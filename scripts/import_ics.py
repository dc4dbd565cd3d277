#!/usr/bin/env python
"""Turns calendars people already have (.ics files) into events; says for every event what could not be carried.

Importing a file again updates its events and writes nothing for those that did not change. Events that have left
the file stay. This file is arguments, one call and printing; the work is in `calendars/`.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

import functions_path  # noqa: F401  # puts functions/ on the path before anything needs it
from calendars.convert import Conversion, convert
from calendars.fields import Options
from calendars.progress import progress_of
from calendars.report import Report, describe, losses
from calendars.source import Source, SourceError, read_source
from calendars.store import Change, Written, import_events
from calendars.zones import zone_name
from firestore_target import Refused, Target, add_target_options, client_of, target_of
from operating import ended

OK, NOT_WHOLE = 0, 1
_SHOWN_MAX = 20
_EXAMPLES = """\
examples:
  import_ics.py --dry-run club.ics                                  read it, say what would become of it
  import_ics.py club.ics --firestore 127.0.0.1:8080 --project demo-club --created-by ana
  import_ics.py club.ics --project club-live --yes-i-mean club-live --created-by ana --visibility public

exit: 0 everything was carried, 1 something was not (each is listed with its reason), 2 could not run
"""


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Reads all files, writes all events, reports; never half-silent: every refusal has one clear line."""
    args = _parser().parse_args(arguments)
    return ended("import_ics", lambda: _run(args, environ), done="written")


def _run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    target = _target(args, environ)
    options = Options(visibility=args.visibility, timezone=_timezone(args.timezone))
    sources, unread = _read_files(args.files)
    if not sources:
        raise Refused("; ".join(f"{file}: {reason}" for file, reason in unread))
    conversion = convert(sources, options)
    report = Report(conversion.entries, tuple(unread))
    written = _write(conversion, target, args)
    _print_report(report, written, dry_run=args.dry_run)
    if args.report:
        _save(report, args.report)
    return OK if report.is_whole else NOT_WHOLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="import_ics.py",
        description=(__doc__ or "").partition("\n\n")[0],
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("files", nargs="+", type=Path, metavar="FILE", help="an iCalendar file")
    add_target_options(parser)
    add("--created-by", metavar="UID", help="who the events belong to; needed to write")
    add("--visibility", choices=["public", "members", "private"], default="members", help="of public events (members)")
    add("--timezone", default="UTC", help="for times and days without one, where the calendar names none (UTC)")
    add("--dry-run", action="store_true", help="write nothing; print what would be written")
    add("--limit", type=_positive, metavar="N", help="write only the first N events")
    add("--report", type=Path, metavar="FILE", help="write what became of every component as JSON")
    return parser


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return int(text)


def _target(args: argparse.Namespace, environ: Mapping[str, str]) -> Target | None:
    """None only for a dry run that names no Firestore: then every event counts as new."""
    host = args.firestore or environ.get("FIRESTORE_EMULATOR_HOST")
    project = args.project or environ.get("GCLOUD_PROJECT") or environ.get("GOOGLE_CLOUD_PROJECT")
    if args.dry_run and not host and not args.yes_i_mean:
        return None
    if project and not args.created_by and not args.dry_run:
        raise Refused("whose events will they be? give --created-by UID, or look first with --dry-run")
    return target_of(args, environ, writes=True)


def _timezone(name: str) -> str:
    found = zone_name(name)
    if found is None:
        raise Refused(f"--timezone {name!r} is no IANA zone, such as Europe/Berlin")
    return found


def _read_files(files: Sequence[Path]) -> tuple[list[Source], list[tuple[str, str]]]:
    """A file that cannot be read does not stop the others."""
    sources: list[Source] = []
    unread: list[tuple[str, str]] = []
    for file in files:
        try:
            sources.append(read_source(str(file), file.read_bytes()))
        except SourceError as error:
            unread.append((str(file), str(error)))
        except OSError as error:
            unread.append((str(file), f"cannot be read: {error.strerror}"))
    return sources, unread


def _write(conversion: Conversion, target: Target | None, args: argparse.Namespace) -> list[Written]:
    events = conversion.events[: args.limit]
    if target is None:
        return [Written(event, Change.NEW, tuple(event.fields)) for event in events]
    client = client_of(target)
    what = "Comparing" if args.dry_run else "Importing"
    with progress_of(what, len(events), console=Console(stderr=True)) as advance:
        return import_events(
            client,
            events,
            created_by=args.created_by or "",
            dry_run=args.dry_run,
            on_written=lambda written: advance(len(written)),
        )


def _print_report(report: Report, written: Sequence[Written], *, dry_run: bool) -> None:
    for file, reason in report.unread:
        print(f"{file}: {reason}")
    if dry_run:
        for one in written:
            _print_planned(one)
    lost = losses(report.entries)
    for entry in lost[:_SHOWN_MAX]:
        print(describe(entry))
    if len(lost) > _SHOWN_MAX:
        print(f"… and {len(lost) - _SHOWN_MAX} more; --report FILE has them all")
    changes = {change: sum(one.change is change for one in written) for change in Change}
    done = ", ".join(f"{count} {change}" for change, count in changes.items())
    print(f"components: {', '.join(f'{count} {name}' for name, count in report.counts().items())}")
    print(f"events{' (dry run, nothing was written)' if dry_run else ''}: {done}")


def _print_planned(one: Written) -> None:
    fields = one.event.fields
    detail = f" ({', '.join(one.fields)})" if one.change is Change.CHANGED else ""
    rule = f" {fields['recurrence']['rrule']}" if "recurrence" in fields else ""
    start = fields["startAt"].isoformat(" ", "minutes")
    print(f"{one.change:9} {one.event.event_id} {start} {fields['visibility']:7} {fields['title']}{rule}{detail}")


def _save(report: Report, file: Path) -> None:
    try:
        file.write_text(json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise Refused(f"the report cannot be written to {file}: {error.strerror}; the import itself is done") from error


if __name__ == "__main__":
    sys.exit(main())
