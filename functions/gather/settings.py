"""Settings: everything the functions read from their environment, read once and checked whole.

A missing setting stops the start and is named; nothing else in the package reads `os.environ`.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

REGION = "us-central1"
TIMEOUT_S = 540
"""The longest that a function started by an event may run: storms, deletions and announcements are worked off in it."""

STRIPE_LIVE_KEYS = ("sk_live_", "rk_live_")
STRIPE_KEYS = ("sk_test_", "rk_test_", *STRIPE_LIVE_KEYS)
"""How Stripe's secret and restricted keys begin: https://docs.stripe.com/keys"""
SIGNING_KEY_BYTES = 32
"""An Ed25519 private key is 32 bytes: RFC 8032 5.1.5."""


class SettingsError(ValueError):
    """The environment cannot run the functions; the message names every setting at fault and what to put there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says. `emulator` is true only beside a local Firestore, never on Cloud Run.

    Secrets are left out of the representation, so that no log line shows them.
    """

    project: str
    public_url: str
    feed_domain: str
    feed_name: str
    emulator: bool
    stripe_secret_key: str = field(repr=False)
    stripe_webhook_secrets: tuple[str, ...] = field(repr=False)
    """Several while a secret is being rotated: a signature by any of them counts."""
    stripe_account: str | None
    """The connected account on whose behalf payments are taken; None: the platform's own."""
    stripe_api_base: str | None
    """Where a stand-in for Stripe listens; only in emulator mode."""
    ticket_signing_key: bytes = field(repr=False)
    """The 32 bytes of an Ed25519 private key."""
    storage_bucket: str
    storage_emulator: str | None = None
    """Where an emulator of Cloud Storage listens, as its own variable says it; only in emulator mode."""

    @property
    def stripe_livemode(self) -> bool:
        """Whether real money moves: what a payment, and every event about it, has to agree with."""
        return self.stripe_secret_key.startswith(STRIPE_LIVE_KEYS)


def settings_from(environ: Mapping[str, str]) -> Settings:
    """Read every setting or raise one `SettingsError` that names all faults at once."""
    faults: list[str] = []
    emulator = _emulator(environ, faults)
    settings = Settings(
        project=_project(environ, faults),
        public_url=_public_url(environ, faults),
        feed_domain=_required(
            environ, "GATHER_FEED_DOMAIN", "the domain in event UIDs, e.g. events.example.org", faults
        ),
        feed_name=environ.get("GATHER_FEED_NAME", "").strip() or "Events",
        emulator=emulator,
        stripe_secret_key=_stripe_secret_key(environ, faults, emulator=emulator),
        stripe_webhook_secrets=_stripe_webhook_secrets(environ, faults),
        stripe_account=environ.get("GATHER_STRIPE_ACCOUNT", "").strip() or None,
        stripe_api_base=_stripe_api_base(environ, faults, emulator=emulator),
        ticket_signing_key=_ticket_signing_key(environ, faults),
        storage_bucket=_required(
            environ, "GATHER_STORAGE_BUCKET", "the bucket that keeps receipts and invoices", faults
        ),
        storage_emulator=_storage_emulator(environ, faults, emulator=emulator),
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


def _stripe_secret_key(environ: Mapping[str, str], faults: list[str], *, emulator: bool) -> str:
    name = "GATHER_STRIPE_SECRET_KEY"
    key = _required(environ, name, "Stripe's secret or restricted key, sk_... or rk_...", faults)
    if key and not key.startswith(STRIPE_KEYS):
        faults.append(f"{name} is no secret key of Stripe's: it begins with sk_test_, rk_test_, sk_live_ or rk_live_")
    elif emulator and key.startswith(STRIPE_LIVE_KEYS):
        faults.append(f"{name} is a live key in emulator mode (use a test key: nobody's money is at stake there)")
    return key


def _stripe_webhook_secrets(environ: Mapping[str, str], faults: list[str]) -> tuple[str, ...]:
    name = "GATHER_STRIPE_WEBHOOK_SECRETS"
    text = _required(environ, name, "signing secrets of the webhook endpoint, whsec_..., separated by commas", faults)
    secrets = tuple(secret.strip() for secret in text.split(","))
    if text and not all(secret.startswith("whsec_") for secret in secrets):
        faults.append(f"{name} holds something that is no signing secret: each begins with whsec_")
    return secrets


def _stripe_api_base(environ: Mapping[str, str], faults: list[str], *, emulator: bool) -> str | None:
    name = "GATHER_STRIPE_API_BASE"
    value = environ.get(name, "").strip().rstrip("/")
    # Whoever answers there says who has paid.
    if value and not emulator:
        faults.append(f"{name} is set outside emulator mode (remove it: only Stripe may say what has been paid)")
    elif value and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc):
        faults.append(f"{name} is not an http(s) URL: {value!r}")
    return value or None


def _storage_emulator(environ: Mapping[str, str], faults: list[str], *, emulator: bool) -> str | None:
    name = "STORAGE_EMULATOR_HOST"
    value = environ.get(name, "").strip().rstrip("/")
    if value and not emulator:
        faults.append(f"{name} is set outside emulator mode (remove it: papers belong into the real bucket)")
    if value and "://" not in value:  # Firebase's tools write it with a scheme, others without
        value = f"http://{value}"
    return value or None


def _ticket_signing_key(environ: Mapping[str, str], faults: list[str]) -> bytes:
    name = "GATHER_TICKET_SIGNING_KEY"
    text = _required(environ, name, "an Ed25519 private key: 32 random bytes in base64", faults)
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if text and len(key) != SIGNING_KEY_BYTES:
        faults.append(f"{name} is not {SIGNING_KEY_BYTES} bytes in base64 (make one: openssl rand -base64 32)")
    return key
