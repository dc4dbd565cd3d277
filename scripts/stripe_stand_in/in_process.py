"""The SDK's transport without a network: `StripeClient(key, http_client=InProcess(stand_in))`."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import stripe

from stripe_stand_in.api import ApiRequest
from stripe_stand_in.forms import pairs_of
from stripe_stand_in.stand_in import StandIn


class InProcess(stripe.HTTPClient):
    """The SDK's own code runs as with a network: encoding, retries, errors."""

    name = "stand-in"

    def __init__(self, stand_in: StandIn) -> None:
        super().__init__()
        self._stand_in = stand_in

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        """The answer, or the error of a connection that ended."""
        parts = urlsplit(url)
        response = self._stand_in.answer(
            ApiRequest(
                method=method.upper(),
                path=parts.path,
                pairs=[*pairs_of(parts.query), *pairs_of(post_data or "")],
                headers={name.lower(): value for name, value in (headers or {}).items()},
            )
        )
        if response.status is None:
            raise stripe.APIConnectionError(  # type: ignore[no-untyped-call]  # the SDK's errors are untyped
                "The stand-in ended the connection.", should_retry=True
            )
        return response.body.decode(), response.status, _CaseInsensitive(response.headers)

    def close(self) -> None:
        """Nothing is open."""


class _CaseInsensitive(dict[str, str]):
    """Headers by lower-case name, as the SDK looks for some of them, and by their own."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__({**headers, **{name.lower(): value for name, value in headers.items()}})
