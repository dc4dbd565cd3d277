"""`:export` and `:import` of Google's emulator, under a project or a database; which one, the body says."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from firewarden.errors import ExportDamaged, ExportRefused
from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.names import parse_database_name
from firewarden.firestore.status import Code, StatusError, failed_precondition, invalid
from firewarden.server.auth import caller_of
from firewarden.server.engine import Engine
from firewarden.server.transports.interface import HttpRequest, HttpResponse, Route

_PROJECT = "/emulator/v1/projects/{project}"
_DATABASE = _PROJECT + "/databases/{database}"
_NAMES = {"exportDirectory": "export_directory", "exportName": "export_name"}


class ExportEndpoints:
    """Answers for one engine. Other requests go on while an export is written; an import is one step."""

    def __init__(self, engine: Engine, *, seconds: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._seconds = seconds
        self._one_at_a_time = asyncio.Lock()

    def routes(self) -> Sequence[Route]:
        """What is answered, by method and path."""
        return tuple(
            Route("POST", f"{place}:{verb}", answer)
            for verb, answer in (("export", self._export), ("import", self._import))
            for place in (_PROJECT, _DATABASE)
        )

    async def _export(self, request: HttpRequest) -> HttpResponse:
        from firewarden.server.exporting import export_database  # noqa: PLC0415 - most servers never export

        asked = self._asked(request, {"database", "export_directory", "export_name"})
        database, directory = _database(asked), Path(_text(asked, "export_directory"))
        name = _text(asked, "export_name") or f"firestore_export_{int(self._seconds())}"
        if not _text(asked, "export_directory") or not directory.is_dir():
            raise failed_precondition("export_directory must be a directory")
        if "/" in name or name in (".", ".."):
            raise StatusError(Code.INTERNAL, "failed to write export")
        try:
            async with self._one_at_a_time:
                await asyncio.to_thread(export_database, self._engine, database, directory / name)
        except ExportRefused as error:
            raise StatusError(Code.INTERNAL, f"failed to write export: {error.message}") from error
        return _DONE

    async def _import(self, request: HttpRequest) -> HttpResponse:
        from firewarden.server.exporting import import_database  # noqa: PLC0415 - most servers never import

        asked = self._asked(request, {"database", "export_directory"})
        database, metadata = _database(asked), _text(asked, "export_directory")
        if not metadata or not Path(metadata).is_file():
            raise invalid(f"Failed to parse overall export metadata file: {metadata or 'none'} is no file")
        try:
            await asyncio.to_thread(import_database, self._engine, database, Path(metadata))
        except ExportDamaged as error:
            raise invalid(error.message) from error
        return _DONE

    def _asked(self, request: HttpRequest, known: set[str]) -> Mapping[str, Any]:
        # Any page that is open in a browser can send such a request, and it reads and writes files.
        if "origin" in request.headers:
            raise StatusError(Code.PERMISSION_DENIED, "Exports and imports cannot be asked for by pages of a browser.")
        options = self._engine.options
        caller = caller_of(request.headers.get("authorization"), verify=options.verify)
        if options.verify is not None and not caller.is_admin:
            raise StatusError(Code.PERMISSION_DENIED, "Exports and imports are for admins only.")
        try:
            body = json.loads(request.body or b"{}")
        except ValueError:
            body = None
        asked = _named(body) if isinstance(body, dict) else None
        if asked is None or asked.keys() - known:
            raise invalid("Payload isn't valid for request.")
        return asked


def _named(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Names may be written either way, as in all JSON of protocol buffers."""
    return {_NAMES.get(name, name): value for name, value in body.items()}


def _database(asked: Mapping[str, Any]) -> DatabaseName:
    return parse_database_name(_text(asked, "database"))


def _text(asked: Mapping[str, Any], name: str) -> str:
    value = asked.get(name)
    return "" if value is None else str(value)


_DONE = HttpResponse(200, b"{\n}\n", "application/json")
