"""The certificates of the keys that Google signs ID tokens with: fetched and kept as long as it says, or of a file."""

from __future__ import annotations

import json
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from firewarden.errors import CertificatesMissing
from firewarden.firestore.status import Code, StatusError

Certificates = Callable[[], Mapping[str, str]]
"""Certificates in PEM by key id, as of now; raises StatusError UNAVAILABLE if none are to be trusted any more."""

GOOGLE_URL = "https://www.googleapis.com/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com"
"""Where Firebase's are (https://firebase.google.com/docs/auth/admin/verify-id-tokens)."""
_FETCH_S = 10.0
_AGAIN_S = 60.0
"""How soon a failed fetch is repeated."""
_STALE_MAX_S = 3_600.0
"""How long certificates are trusted beyond their time while no new ones are to be had."""
_BYTES_MAX = 1 << 20
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age=(\d{1,9})")


def from_file(path: Path) -> Certificates:
    """Certificates that a file holds, in the form in which Google publishes them; read once."""
    try:
        found = _read(path.read_bytes())
    except (OSError, ValueError) as error:
        raise CertificatesMissing(
            f"{path} holds no certificates: {error}.", hint=f"It must be JSON like {GOOGLE_URL} has it: key ids to PEM."
        ) from error
    return lambda: found


class Fetched:
    """Certificates of a URL, fetched now, and again in the background whenever their time is over.

    Raises `CertificatesMissing` if they are not to be had at first. `report` is told when they are not later.
    """

    def __init__(
        self,
        url: str = GOOGLE_URL,
        *,
        seconds: Callable[[], float] = time.monotonic,
        report: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._url = url
        self._seconds = seconds
        self._report = report
        self._guard = threading.Lock()
        self._fetching: threading.Thread | None = None
        try:
            self._found, self._valid_until = self._fetch()
        except (OSError, ValueError) as error:
            raise CertificatesMissing(
                f"The certificates at {url} are not to be had: {error}.",
                hint="Verifying tokens needs them: fetch them elsewhere and name the file with --token-certificates.",
            ) from error
        self._next_fetch = self._valid_until

    def __call__(self) -> Mapping[str, str]:
        """What is known, at once; what is out of date is fetched anew meanwhile."""
        now = self._seconds()
        with self._guard:
            if now >= self._next_fetch and self._fetching is None:
                self._fetching = threading.Thread(target=self._renew, name="firewarden-certificates", daemon=True)
                self._fetching.start()
            if now >= self._valid_until + _STALE_MAX_S:
                raise StatusError(
                    Code.UNAVAILABLE, "Tokens cannot be verified: Google's certificates are not to be had."
                )
            return self._found

    def wait(self) -> None:
        """Return when no fetch is under way."""
        with self._guard:
            fetching = self._fetching
        if fetching is not None:
            fetching.join()

    def _renew(self) -> None:
        problem = ""
        try:
            found, valid_until = self._fetch()
        except (OSError, ValueError) as error:
            problem = f"{self._url}: {error}; again in {_AGAIN_S:g} s"
        with self._guard:
            if problem:
                self._next_fetch = self._seconds() + _AGAIN_S
            else:
                self._found, self._valid_until, self._next_fetch = found, valid_until, valid_until
            self._fetching = None
        if problem:
            self._report(problem)

    def _fetch(self) -> tuple[Mapping[str, str], float]:
        asked = self._seconds()
        with urllib.request.urlopen(self._url, timeout=_FETCH_S) as answer:  # noqa: S310 - the caller's own URL
            max_age = _MAX_AGE.search(answer.headers.get("cache-control") or "")
            return _read(answer.read(_BYTES_MAX)), asked + (float(max_age[1]) if max_age else _AGAIN_S)


def _read(content: bytes) -> Mapping[str, str]:
    found = json.loads(content)
    if not isinstance(found, dict) or not found or not all(isinstance(each, str) for each in found.values()):
        raise ValueError("it is no JSON object of certificates")
    return found
