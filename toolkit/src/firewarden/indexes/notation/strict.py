"""Reading a located YAML value strictly: what is wrong is noted with its line, and reading goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from firewarden.errors import Fault, QueryFileError
from firewarden.indexes.notation.queries import Query, parse_query
from firewarden.indexes.notation.reader import Located
from firewarden.indexes.notation.values import document_path_problem

Documents = dict[str, Mapping[str, Any]]


@dataclass(slots=True)
class StrictReader:
    """The faults of one file, and the readings that every kind of file shares."""

    file: str
    faults: list[Fault] = field(default_factory=list)

    def mapping(
        self,
        located: Located | None,
        what: str,
        allowed: tuple[str, ...] = (),
        *,
        required: tuple[str, ...] = (),
    ) -> dict[str, Located]:
        """The entries of a mapping; nothing allowed means any key is."""
        if located is None:
            return {}
        if not isinstance(located.value, dict):
            self.fault(located, f"{what} must be a mapping, not {located.plain()!r}")
            return {}
        for key, value in located.value.items():
            if allowed and key not in allowed:
                self.fault(value, f"unknown key {key!r} in {what}; there are {', '.join(allowed)}")
        for key in required:
            if key not in located.value:
                self.fault(located, f"{what} lacks {key}:")
        return located.value

    def entries(self, located: Located | None, what: str) -> list[Located]:
        """The entries of a list that may not be empty."""
        if located is None:
            return []
        if not isinstance(located.value, list) or not located.value:
            self.fault(located, f"{what} must be a list with at least one entry")
            return []
        return located.value

    def fields(self, located: Located | None, what: str) -> dict[str, Any]:
        """A mapping of any keys as plain values."""
        return {key: each.plain() for key, each in self.mapping(located, what).items()}

    def text(self, keys: Mapping[str, Located], key: str) -> str:
        """The text under a key, empty where there is none."""
        if key not in keys:
            return ""
        value = keys[key].value
        if not isinstance(value, str) or not value.strip():
            self.fault(keys[key], f"{key} must be a text, not {value!r}")
            return ""
        return value

    def word(self, keys: Mapping[str, Located], key: str, allowed: tuple[str, ...]) -> str:
        """The word under a key, which must be one of those allowed; empty where it is not."""
        if key not in keys:
            return ""
        value = keys[key].value
        if value not in allowed:
            self.fault(keys[key], f"{key} is one of {', '.join(allowed)}, not {value!r}")
            return ""
        return str(value)

    def documents(self, located: Located | None, base: Documents) -> Documents:
        """`base` with the documents added or replaced; null takes one away."""
        documents = dict(base)
        for path, data in self.mapping(located, "documents").items():
            if problem := document_path_problem(path):
                self.fault(data, problem)
            elif data.value is None:
                documents.pop(path, None)
            else:
                documents[path] = self.fields(data, path)
        return documents

    def query(self, located: Located) -> Query | None:
        """The query that a mapping writes."""
        try:
            return parse_query(located.plain(), file=self.file, line=located.line)
        except QueryFileError as error:
            self.faults += error.faults
            return None

    def fault(self, located: Located, problem: str) -> None:
        """Notes what is wrong at this place."""
        self.faults.append(Fault(self.file, located.line, problem))
