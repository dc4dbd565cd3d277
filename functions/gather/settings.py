"""Settings: everything the functions read from their environment, read once and checked whole.

A missing setting stops the start and is named; nothing else in the package reads `os.environ`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

REGION = "us-central1"
TIMEOUT_S = 540
"""The longest that a function started by an event may run: storms, deletions and announcements are worked off in it."""


class SettingsError(ValueError):
    """The environment cannot run the functions; the message names every setting at fault and what to put there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says. `emulator` is true only beside a local Firestore, never on Cloud Run."""

    project: str
    public_url: str
    feed_domain: str
    feed_name: str
    emulator: bool


def settings_from(environ: Mapping[str, str]) -> Settings:
    """Read every setting or raise one `SettingsError` that names all faults at once."""
    faults: list[str] = []
    settings = Settings(
        project=_project(environ, faults),
        public_url=_public_url(environ, faults),
        feed_domain=_required(
            environ, "GATHER_FEED_DOMAIN", "the domain in event UIDs, e.g. events.example.org", faults
        ),
        feed_name=environ.get("GATHER_FEED_NAME", "").strip() or "Events",
        emulator=_emulator(environ, faults),
    )
    if faults:
        raise SettingsError(
            "cannot start, settings are missing or wrong:\n"
            + "\n".join(f"  - {fault}" for fault in faults)
            + "\nSet them in functions/.env (or .env.<project>); functions/.env.example lists them all."
        )
    return settings


def _required(environ: Mapping[str, str], name: str, meaning: str, faults: list[str]) -> str:
    value = environ.get(name, "").strip()
    if not value:
        faults.append(f"{name} is not set ({meaning})")
    return value


def _project(environ: Mapping[str, str], faults: list[str]) -> str:
    for name in ("GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT"):
        if environ.get(name):
            return environ[name]
    try:
        project = json.loads(environ.get("FIREBASE_CONFIG", "{}")).get("projectId")
    except (ValueError, AttributeError):
        project = None
    if not isinstance(project, str) or not project:
        faults.append("GCLOUD_PROJECT is not set (the Firebase project's id)")
        return ""
    return project


def _public_url(environ: Mapping[str, str], faults: list[str]) -> str:
    value = _required(environ, "GATHER_PUBLIC_URL", "where the site is served, e.g. https://events.example.org", faults)
    if value and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc):
        faults.append(f"GATHER_PUBLIC_URL is not an http(s) URL: {value!r}")
    return value.rstrip("/")


def _emulator(environ: Mapping[str, str], faults: list[str]) -> bool:
    emulator = environ.get("FUNCTIONS_EMULATOR") == "true"
    # Emulator mode accepts unsigned ID tokens: it must be impossible where strangers can reach it.
    # Cloud Run sets K_CONFIGURATION; the functions emulator sets its sisters K_SERVICE and K_REVISION, but not this.
    if emulator and "K_CONFIGURATION" in environ:
        faults.append("FUNCTIONS_EMULATOR is 'true' on Cloud Run (remove it: it would accept unsigned ID tokens)")
    return emulator
