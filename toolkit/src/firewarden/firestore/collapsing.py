"""Several writes of one document in one commit: which may follow each other. Firestore makes one write of them.

Only the first write's precondition is asked of what is stored; what the others require is known from the writes before
them, so a requirement that cannot hold is an error of the request itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from firewarden.firestore.documents import DocumentPath
from firewarden.firestore.status import StatusError, invalid
from firewarden.firestore.writes import Write
from firewarden.values import Timestamp

_NANOS_PER_MICRO = 1_000


def check_verified(operations: Iterable[tuple[str, str]]) -> None:
    """Refuse to verify a document twice, or to write it as well; an operation is its kind and the document's name."""
    kinds: dict[str, str] = {}
    for kind, name in operations:
        last = kinds.get(name)
        if last is not None and "verify" in (last, kind):
            if last == kind:
                raise invalid("the same document cannot be verified more than once in a single request")
            order = "verified and then written" if last == "verify" else "written and then verified"
            raise invalid(f"the same document cannot be {order} in a single request")
        kinds[name] = kind


def lasting(writes: Sequence[Write]) -> Sequence[Write]:
    """The writes of which something is left in the end: what they write need not be storable otherwise."""
    if len(writes) < 2:
        return writes
    kept: list[Write] = []
    replaced: set[DocumentPath] = set()
    for write in reversed(writes):
        if write.path not in replaced:
            kept.append(write)
        if write.mask is None and not write.verify:
            replaced.add(write.path)
    return kept[::-1]


class _Chain:
    """The first and the last write of a document so far."""

    __slots__ = ("first", "last")

    def __init__(self, first: Write) -> None:
        self.first = self.last = first


def check_together(writes: Sequence[Write]) -> None:
    """Refuse writes of one document that contradict each other; none of them verifies (`check_verified`)."""
    if len(writes) < 2:
        return
    chains: dict[DocumentPath, _Chain] = {}
    for write in writes:
        chain = chains.get(write.path)
        if chain is None:
            chains[write.path] = _Chain(write)
        else:
            _check_next(chain, write)
            chain.last = write


def _check_next(chain: _Chain, write: Write) -> None:
    if _is_delete(chain.last):
        if write.exists or (write.update_time is not None and not _is_delete(write)):
            raise _cannot("delete", "delete" if _is_delete(write) else "update")
    elif write.exists is False:
        raise _cannot(_word(chain.first), "delete" if _is_delete(write) else "insert")
    if write.update_time is not None and write.update_time != chain.first.update_time:
        versions = f"{_version(chain.first.update_time)} and {_version(write.update_time)}"
        raise invalid(f"Cannot collapse mutations with different version preconditions ({versions})")


def _is_delete(write: Write) -> bool:
    return write.fields is None


def _word(first: Write) -> str:
    """What all the writes together come to, as their first one decides."""
    if first.exists is False:
        return "insert"
    if first.exists or (first.update_time is not None and not _is_delete(first)):
        return "update"
    return "upsert"


def _cannot(first: str, second: str) -> StatusError:
    return invalid(f"Cannot {first} then {second} an entity in the same request.")


def _version(time: Timestamp | None) -> str:
    if time is None:
        return "null"
    return f"VersionPrecondition{{exactBaseVersion={time.nanos // _NANOS_PER_MICRO}, maxBaseVersion=null}}"
