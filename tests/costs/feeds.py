"""What the public calendar costs whoever subscribes to it."""

from __future__ import annotations

from gather.feeds.store import sync_fragment
from tests.costs.actions import Action, Chapter, Cost, Do, Stage
from tests.feeds.samples import document

_FEED = "/feeds/public.ics"


def _put(stage: Stage, *events: str) -> None:
    for name in events:
        stage.owner.document("events", name).set(document())
        sync_fragment(stage.owner, name, now=stage.runtime.now(), settings=stage.runtime.settings)


def _first(stage: Stage) -> Do:
    _put(stage, "choir", "picnic")
    return lambda: stage.http.get(_FEED)


def _again(stage: Stage) -> Do:
    fetch = _first(stage)
    fetch()
    return fetch


def _unchanged(stage: Stage) -> Do:
    _put(stage, "choir")
    tag = stage.http.get(_FEED).headers["ETag"]
    return lambda: stage.http.get(_FEED, headers={"If-None-Match": tag})


FEEDS = Chapter(
    "The public calendar",
    (
        Action(
            name="the first calendar fetches a feed that nobody has made yet",
            prepare=_first,
            floor=Cost(reads={"index": 1, "chunks": 64}, writes={"index": 1, "feed": 1}),
        ),
        Action(name="another calendar fetches it", prepare=_again, floor=Cost(reads={"index": 1})),
        Action(name="a calendar asks again, nothing has changed", prepare=_unchanged, floor=Cost(reads={"index": 1})),
    ),
)
