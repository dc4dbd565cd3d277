"""The security rules of projects and databases: put, kept, and compiled once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.status import invalid
from firewarden.rules.compatibility import PRODUCTION, Compatibility

if TYPE_CHECKING:
    from firewarden.rules import CompiledRules
    from firewarden.rules.issues import Issue

OPEN_RULES = """\
rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    match /{document=**} {
      allow read, write: if true;
    }
  }
}"""
"""What holds for a project that nobody gave rules: everything is allowed."""


class Loaded(NamedTuple):
    """Rules that were put: the files as they were given, what is to be said about them, and the compiled rules.

    `rules` is None where there is nothing to decide: everything is allowed.
    """

    files: tuple[Mapping[str, Any], ...]
    issues: tuple[Issue, ...] = ()
    rules: CompiledRules | None = None
    errors: str = ""
    """Why the rules do not compile, if they were put all the same: it is what every user is told."""


class Rulesets:
    """The rules of a database are its own, else its project's, else the default, else everything is allowed.

    The default may be another one for databases of a certain id.
    """

    def __init__(self, *, compatibility: Compatibility = PRODUCTION) -> None:
        self._compatibility = compatibility
        self._open = Loaded(({"name": "OPEN_RULES", "content": OPEN_RULES},))
        self._default = self._open
        self._defaults: dict[str, Loaded] = {}
        self._projects: dict[str, Loaded] = {}
        self._databases: dict[DatabaseName, Loaded] = {}
        self.on_put: list[Callable[[], None]] = []
        """Are told when rules were put."""

    def of(self, database: DatabaseName) -> Loaded:
        """The rules that hold for a database."""
        own = self._databases.get(database) or self._projects.get(database.project)
        return own or self._defaults.get(database.database, self._default)

    def of_project(self, project: str) -> Loaded:
        """The rules that hold for the databases of a project that have none of their own."""
        return self._projects.get(project, self._default)

    def put_default(self, files: Sequence[Mapping[str, Any]], *, database: str | None = None) -> Loaded:
        """Let these rules hold wherever none were put, or where a database with this id has none."""
        loaded = self._load(files)
        if database is None:
            self._default = loaded
        else:
            self._defaults[database] = loaded
        self._tell()
        return loaded

    def put_project(self, project: str, files: Sequence[Mapping[str, Any]], *, ignore_errors: bool = False) -> Loaded:
        """Put rules for all databases of a project; what does not compile is refused, and the old ones stay.

        With `ignore_errors` they hold as they are: every request of a user is answered with the errors.
        """
        self._projects[project] = loaded = self._load(files, ignore_errors=ignore_errors)
        self._tell()
        return loaded

    def put_database(
        self, database: DatabaseName, files: Sequence[Mapping[str, Any]], *, ignore_errors: bool = False
    ) -> Loaded:
        """Put rules for one database, likewise."""
        self._databases[database] = loaded = self._load(files, ignore_errors=ignore_errors)
        self._tell()
        return loaded

    def _tell(self) -> None:
        for each in self.on_put:
            each()

    def _load(self, files: Sequence[Mapping[str, Any]], *, ignore_errors: bool = False) -> Loaded:
        from firewarden.rules import compile_rules  # noqa: PLC0415 - databases without rules do without the engine
        from firewarden.rules.checking import parse_rules  # noqa: PLC0415 - the same
        from firewarden.rules.issues import issues_of  # noqa: PLC0415 - the same

        text = str(files[0].get("content", ""))
        parsed = parse_rules(text)
        if parsed.ruleset is not None:
            return Loaded(tuple(files), issues_of(text), compile_rules(text, compatibility=self._compatibility))
        errors = "Error compiling rules:\n" + "\n".join(map(str, parsed.official))
        if not ignore_errors:
            raise invalid(errors)
        return Loaded(tuple(files), issues_of(text), errors=errors)
