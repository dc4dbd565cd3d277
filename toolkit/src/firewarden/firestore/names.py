"""Resource names such as `projects/P/databases/D/documents/c/a`, read with the official words for bad ones."""

from __future__ import annotations

import re
from functools import lru_cache

from firewarden.firestore.documents import DatabaseName, DocumentPath
from firewarden.firestore.status import StatusError, invalid
from firewarden.limits import ID_BYTES
from firewarden.values import Reference

_DOCUMENTS = "documents"
_NUMERIC = re.compile(r"__id(-?[1-9][0-9]*)__", re.ASCII)
_INT_MIN, _INT_MAX = -(1 << 63), (1 << 63) - 1
_ORDINARY = re.compile(r"projects/([^/]+)/databases/([^/]+)/documents/((?![._])[^/]+(?:/(?![._])[^/]+)*)")
"""Names of documents in which no segment begins as a reserved one, or as one of dots."""


@lru_cache(maxsize=1024)
def parse_database_name(name: str) -> DatabaseName:
    """A database."""
    reader = _Reader("Database", name)
    database = reader.database()
    if name[reader.at :] == "/":
        raise reader.trailing()
    if not reader.is_at_end():
        raise invalid(f'Database name "{name}" has extra characters at index {reader.at}.')
    return database


@lru_cache(maxsize=1024)
def parse_parent(name: str) -> tuple[DatabaseName, DocumentPath]:
    """What collections lie in: a document, or the root of all documents, whose path is ()."""
    reader = _Reader("Document parent", name)
    database = reader.database()
    reader.documents()
    return database, () if reader.is_at_end() else reader.path()


@lru_cache(maxsize=4096)
def parse_document_name(name: str) -> tuple[DatabaseName, DocumentPath]:
    """A document."""
    ordinary = _ORDINARY.fullmatch(name)
    if ordinary and len(name) * 4 <= ID_BYTES:  # no character has more than four bytes
        path = tuple(ordinary[3].split("/"))
        if len(path) % 2 == 0:
            return DatabaseName(ordinary[1], ordinary[2]), path
    reader = _Reader("Document", name)
    database = reader.database()
    reader.documents()
    if reader.is_at_end():
        raise reader.root()
    return database, reader.path()


def parse_name_in(database: DatabaseName, name: str) -> DocumentPath:
    """A document of this database; any other is refused in production's words."""
    named, path = parse_document_name(name)
    if named != database:
        raise invalid(f"The request was for database '{database}' but was attempting to access database '{named}'")
    return path


@lru_cache(maxsize=1024)
def parse_reference(name: str) -> Reference:
    """A document as the value of a field."""
    reader = _Reader("Resource", name)
    database = reader.database()
    if reader.is_at_end():
        raise invalid("Non-document resource reference value not supported.")
    if name[reader.at :] not in ("/", f"/{_DOCUMENTS}") and not name.startswith(f"/{_DOCUMENTS}/", reader.at):
        raise invalid(f'Resource "{name}" is not recognized.')
    reader.documents()
    if reader.is_at_end():
        raise reader.root()
    return Reference(database.project, database.database, reader.path())


def check_id(text: str, *, kind: str = "Resource") -> None:
    """The id of a document, or with `kind` "Collection" of a collection, that is to be added to a name."""
    if "/" in text:
        raise invalid(f'{kind} id "{text}" is invalid because it contains "/".')
    if text in (".", ".."):
        raise _reserved(kind, text)
    _check_reserved(kind, text)
    _check_length(kind, text)


def is_reserved(name: str) -> bool:
    """Names such as `__name__` are Firestore's own."""
    return len(name) >= 5 and name.startswith("__") and name.endswith("__")


def numeric_id(text: str) -> int | None:
    """The number in an id such as `__id7__`: documents that come from Datastore may have them."""
    found = _NUMERIC.fullmatch(text)
    return int(found[1]) if found else None


def document_name(database: DatabaseName, path: DocumentPath) -> str:
    """The resource name of a document."""
    return "/".join((str(database), _DOCUMENTS, *path))


class _Reader:
    """Goes through a name from left to right; `at` is how far it has come."""

    def __init__(self, kind: str, name: str) -> None:
        self.kind = kind
        self.name = name
        self.at = 0

    def database(self) -> DatabaseName:
        self._word("projects")
        self._slash()
        project = self._part("a project id")
        self._slash()
        self._word("databases")
        self._slash()
        return DatabaseName(project, self._part("a database id"))

    def documents(self) -> None:
        """The word before the path, and the slash behind it if there is more."""
        self._slash()
        self._word(_DOCUMENTS)
        if not self.is_at_end():
            self._slash()
            if self.is_at_end():
                raise invalid(f'{self.kind} name "{self.name}" is invalid: Omit trailing "/".')

    def path(self) -> DocumentPath:
        """Collection and document ids in turn, up to the end."""
        path: list[str] = []
        while True:
            path.append(self._id("Collection"))
            self._slash()
            path.append(self._id("Resource"))
            if self.is_at_end():
                break
            self._slash()
        for number, each in enumerate(path):
            _check_length("Resource" if number % 2 else "Collection", each)
        return tuple(path)

    def is_at_end(self) -> bool:
        return self.at == len(self.name)

    def root(self) -> StatusError:
        text = 'Omit "/documents" when referencing a database (except as the parent of a document).'
        return invalid(f'{self.kind} name "{self.name}" is invalid: {text}')

    def trailing(self) -> StatusError:
        return invalid(f'{self.kind} name "{self.name}" has invalid trailing "/".')

    def _word(self, word: str) -> None:
        if not self.name.startswith(word, self.at):
            raise self._lacks(f'"{word}"')
        self.at += len(word)

    def _slash(self) -> None:
        if not self.name.startswith("/", self.at):
            raise invalid(f'{self.kind} name "{self.name}" lacks "/" at index {self.at}.')
        self.at += 1

    def _part(self, what: str) -> str:
        end = self.name.find("/", self.at)
        part = self.name[self.at : end if end >= 0 else None]
        if not part:
            raise self._lacks(what)
        self.at += len(part)
        return part

    def _id(self, kind: str) -> str:
        start = self.at
        what = f"a {kind.lower()} id"
        part = self._part(what)
        if part in (".", ".."):
            raise invalid(f'{self.kind} name "{self.name}" contains {what} "{part}" at index {start}.')
        _check_reserved(kind, part)
        return part

    def _lacks(self, what: str) -> StatusError:
        if self.at and self.is_at_end():
            return self.trailing()
        return invalid(f'{self.kind} name "{self.name}" lacks {what} at index {self.at}.')


def _check_reserved(kind: str, text: str) -> None:
    if not is_reserved(text):
        return
    number = numeric_id(text) if kind == "Resource" else None
    if number is None:
        raise _reserved(kind, text)
    if not _INT_MIN <= number <= _INT_MAX:
        raise invalid(f'{kind} id "{text}" is invalid because it is not a 64 bit integer.')


def _reserved(kind: str, text: str) -> StatusError:
    return invalid(f'{kind} id "{text}" is invalid because it is reserved.')


def _check_length(kind: str, text: str) -> None:
    if len(text) * 4 > ID_BYTES and len(text.encode()) > ID_BYTES:
        word = "name" if kind == "Resource" else "kind"
        raise invalid(f"The key path element {word} is longer than {ID_BYTES} bytes.")
