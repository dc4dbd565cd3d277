"""Guests who like one post, whose likes functions count."""

from collections.abc import Callable

from firewarden.testing import Laboratory

GUESTS = 4


def like(lab: Laboratory, uid: str) -> Callable[[], object]:
    return lambda: lab.firestore.as_user(uid).document("posts", "p", "likes", uid).set({"n": 1})


def everybody_likes(lab: Laboratory) -> None:
    for number in range(GUESTS):
        lab.start(f"guest{number}", like(lab, f"guest{number}"))
    lab.settle()
