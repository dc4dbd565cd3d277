"""Papers in Cloud Storage: written once, handed out by links that expire after a few minutes.

The bucket is private; whoever may read a paper gets a link that Google verifies (V4 signing). Beside an emulator,
which verifies nothing, links are signed by a key of the process, so that the same path is run.
"""

from datetime import timedelta
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import quote

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.api_core.exceptions import PreconditionFailed

from gather.settings import Settings, SettingsError

LINK_LIFETIME = timedelta(minutes=5)
"""Long enough to begin a download, short enough that a link found later opens nothing."""
CONTENT_TYPE = "application/pdf"
CACHE_CONTROL = "private, no-store"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
EMULATED_SIGNER = "signer@emulator.invalid"


class PaperStorage(Protocol):
    """Where papers are kept, by a name that never stands for two of them."""

    def has(self, name: str) -> bool:
        """Say whether the paper is there."""

    def put(self, name: str, content: bytes) -> bool:
        """Keep the paper unless there is one already; False then, and nothing is changed."""

    def link(self, name: str) -> str:
        """Return an address at which anybody can download the paper for LINK_LIFETIME."""


class CloudStorage:
    """The bucket of the settings. Nothing is connected before the first paper."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def has(self, name: str) -> bool:
        """One request for the object's metadata."""
        return bool(self._bucket.blob(name).exists())

    def put(self, name: str, content: bytes) -> bool:
        """Generation 0 means that there is no object: of two writers, one writes."""
        blob = self._bucket.blob(name)
        blob.content_disposition = f"attachment; filename*=UTF-8''{quote(name.rpartition('/')[2], safe='')}"
        blob.cache_control = CACHE_CONTROL
        try:
            blob.upload_from_string(content, content_type=CONTENT_TYPE, if_generation_match=0)
        except PreconditionFailed:
            return False
        return True

    def link(self, name: str) -> str:
        """A V4 signed URL: https://cloud.google.com/storage/docs/access-control/signed-urls."""
        url: str = self._bucket.blob(name).generate_signed_url(
            version="v4", expiration=LINK_LIFETIME, method="GET", **self._signer()
        )
        return url

    @cached_property
    def _bucket(self) -> Any:
        return self._client.bucket(self._settings.storage_bucket)

    @cached_property
    def _client(self) -> Any:
        # Imported here: most processes of the functions never keep a paper, and all of them start with this module.
        from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415
        from google.cloud.storage import Client  # noqa: PLC0415

        project, host = self._settings.project, self._settings.storage_emulator
        if not self._settings.emulator:
            return Client(project=project, credentials=self._credentials)
        if host is None:
            raise SettingsError("STORAGE_EMULATOR_HOST is not set: papers need a storage emulator in emulator mode")
        credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth is typed in parts
        return Client(project=project, credentials=credentials, client_options={"api_endpoint": host})

    @cached_property
    def _credentials(self) -> Any:
        import google.auth  # noqa: PLC0415  # as above

        credentials, _ = google.auth.default(scopes=[SCOPE])
        return credentials

    @cached_property
    def _emulated_key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @cached_property
    def _emulated_credentials(self) -> Any:
        from google.oauth2 import service_account  # noqa: PLC0415  # as above

        pem = self._emulated_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        info = {"client_email": EMULATED_SIGNER, "token_uri": "http://emulator.invalid", "private_key": pem.decode()}
        return service_account.Credentials.from_service_account_info(info)  # type: ignore[no-untyped-call]  # as above

    def _signer(self) -> dict[str, Any]:
        """Who signs: a service account's key where there is one, else IAM on behalf of the function's account."""
        if self._settings.emulator:
            return {
                "credentials": self._emulated_credentials,
                "api_access_endpoint": self._settings.storage_emulator,
            }
        from google.auth.credentials import Signing  # noqa: PLC0415  # as above

        credentials = self._credentials
        if isinstance(credentials, Signing):
            return {"credentials": credentials}
        if not credentials.valid:
            from google.auth.transport.requests import Request  # noqa: PLC0415  # as above

            credentials.refresh(Request())
        return {"service_account_email": credentials.service_account_email, "access_token": credentials.token}
