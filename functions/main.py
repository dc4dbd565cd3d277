"""What is deployed: the functions found in this namespace, and nothing else.

A missing setting stops the start here, by name, before the first request; `firebase deploy` only asks which
functions there are and needs none.
"""

import os

from gather.attendance.triggers import on_rsvp_written
from gather.events.triggers import on_event_written
from gather.http.function import api
from gather.runtime import discovering
from gather.settings import settings_from

__all__ = ["api", "on_event_written", "on_rsvp_written"]

if not discovering():
    settings_from(os.environ)
