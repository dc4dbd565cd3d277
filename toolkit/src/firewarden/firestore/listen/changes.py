"""Commits that nobody has looked at yet, taken together: what of each document was before all, and what is after."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from firewarden.firestore.commits import Changed
from firewarden.firestore.documents import DocumentPath


class Changes:
    """Each document once, as if there had been one commit. Found by path, or by the id of the collection."""

    __slots__ = ("_by_collection",)

    def __init__(self) -> None:
        self._by_collection: dict[str, dict[DocumentPath, Changed]] = {}

    def add(self, commit: Iterable[Changed]) -> None:
        """The next commit."""
        for changed in commit:
            inside = self._by_collection.setdefault(changed.path[-2], {})
            earlier = inside.get(changed.path)
            if earlier is not None:
                changed = Changed(changed.path, earlier.before, changed.after)  # noqa: PLW2901 - what is kept of both
            inside[changed.path] = changed

    def of(self, collection: str | None) -> Sequence[Changed]:
        """The documents of all collections with this id; None is every document."""
        if collection is not None:
            return list(self._by_collection.get(collection, {}).values())
        return [each for inside in self._by_collection.values() for each in inside.values()]

    def at(self, path: DocumentPath) -> Changed | None:
        """What has become of one document; None if nothing has."""
        inside = self._by_collection.get(path[-2])
        return None if inside is None else inside.get(path)

    def among(self, paths: Collection[DocumentPath]) -> Iterator[Changed]:
        """What has become of these documents. Costs as much as there is less of."""
        if sum(map(len, self._by_collection.values())) < len(paths):
            yield from (each for each in self.of(None) if each.path in paths)
        else:
            yield from filter(None, map(self.at, paths))

    def touch(self, paths: Iterable[DocumentPath]) -> bool:
        """Whether one of these documents is among them."""
        return any(self.at(each) is not None for each in paths)
