"""Who plays: their uid, their token's claims, and what they are to the story."""

from collections.abc import Mapping
from dataclasses import dataclass, field

GUEST = "guest"


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in user; without the claim `role` they are a guest with a name."""

    uid: str
    part: str
    claims: Mapping[str, str] = field(default_factory=dict)


_MEMBER = {"role": "member"}

PEOPLE = {
    person.uid: person
    for person in (
        Person("ana", "a member who organizes", _MEMBER),
        Person("ben", "a member", _MEMBER),
        Person("cleo", "a member", _MEMBER),
        Person("dora", "a member whom ana has blocked", _MEMBER),
        Person("eli", "signed in, not a member, invited once"),
        Person("fay", "a member who uses the HTTP interface", _MEMBER),
        Person("gus", "a member", _MEMBER),
        Person("hugo", "a member whom an admin has blocked from RSVPs", _MEMBER),
        Person("root", "an admin", {"role": "admin"}),
    )
}
