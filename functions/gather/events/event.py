"""The values of the events domain: `Event`, and who looks at it. No decisions, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from gather.recurrence import Override, Recurrence


class Visibility(StrEnum):
    """Who may read an event while it is neither a draft nor past."""

    PUBLIC = "public"
    MEMBERS = "members"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Fault:
    """A stored field that could not be used as it is, and what is wrong with it."""

    field: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event as every reader sees it: defaults applied, unusable fields replaced and named in `faults`."""

    id: str
    title: str
    description: str
    start_at: datetime | None
    end_at: datetime | None
    all_day: bool
    timezone: str | None
    location: str | None
    image_url: str | None
    visibility: Visibility
    invited_users: tuple[str, ...]
    tags: tuple[str, ...]
    max_attendees: int | None
    count_party_size: bool
    is_waitlist_enabled: bool
    waitlist_policy: Literal["strict", "skip"]
    recurrence: Recurrence | None
    has_unreadable_recurrence: bool
    """Something is stored as its recurrence that is no accepted rule: shown as a single event, never taken for over."""
    overrides: Mapping[str, Override]
    is_paid: bool
    price_cents: int | None
    currency: str | None
    organization_id: str | None
    published: bool
    no_teaser: bool
    guest_list_visible: bool
    canceled: bool
    cancel_reason: str | None
    created_by: str
    created_at: datetime | None
    updated_at: datetime | None
    attending_count: int
    waitlist_count: int
    last_end_at: datetime | None
    sequence: int
    schedule_digest: str | None
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: `uid` None is a guest; `role` is the claim; `organizer` is of this event's organization."""

    uid: str | None
    role: Literal["member", "admin"] | None = None
    organizer: bool = False


GUEST = Viewer(None)
