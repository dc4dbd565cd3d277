"""How Cloud Scheduler starts a function: an HTTP request with two headers that say which job it is, and for when."""

from __future__ import annotations

from datetime import UTC, datetime

from firewarden.triggers.manifest import Function


def scheduler_headers(function: Function, due: datetime) -> dict[str, str]:
    """The headers of the request.

    https://cloud.google.com/scheduler/docs/creating#headers; the job bears the name that the Firebase CLI gives it.
    """
    return {
        "User-Agent": "Google-Cloud-Scheduler",
        "X-CloudScheduler": "true",
        "X-CloudScheduler-JobName": f"firebase-schedule-{function.name}-{function.regions[0]}",
        "X-CloudScheduler-ScheduleTime": due.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
