"""One request to the API: who asks, whether it goes wrong, whether it was answered before, and the answer."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from stripe_stand_in.account import Account, Books, Object
from stripe_stand_in.checking import checked
from stripe_stand_in.endpoints import Route, route
from stripe_stand_in.errors import API, INVALID_REQUEST, StripeError
from stripe_stand_in.forms import nested
from stripe_stand_in.idempotency import IdempotencyKeys, Kept
from stripe_stand_in.keys import checked_key, masked
from stripe_stand_in.shapes import shape_of
from stripe_stand_in.switches import ApiFault


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """A request as it came: names and values of query and form, headers by lower-case name."""

    method: str
    path: str
    pairs: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """The answer; one whose status is None never reaches the caller, whose connection ends."""

    status: int | None
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


LOST = ApiResponse(None)


class Api:
    """Answers requests from the books. `hold` is the lock under which the books are up to date."""

    def __init__(
        self,
        books: Books,
        accounts: Mapping[str | None, Account],
        secret_key: str,
        hold: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._books = books
        self._accounts = accounts
        self._secret_key = secret_key
        self._hold = hold
        self.keys = IdempotencyKeys()

    def answer(self, request: ApiRequest) -> ApiResponse:
        """The response; faults that are switched on may spoil it."""
        with self._hold():
            fault = self._fault(request)
            request_id = self._books.ids.new("request")
            headers = self._headers(request, request_id)
            early = _early(fault, headers)
            if early is not None:
                return early
            try:
                work = self._begin(request, request_id)
            except StripeError as error:
                return ApiResponse(error.status, _encoded(error.body()), headers)
            if isinstance(work, Kept):
                assert work.answer is not None  # noqa: S101 - begin() hands out answered ones only
                status, body = work.answer
                replayed = {**headers, "Idempotent-Replayed": "true", "Original-Request": work.request_id}
                return LOST if fault is ApiFault.LOST_ANSWER else ApiResponse(status, body, replayed)
        if fault is ApiFault.SLOW:
            self._books.switches.sleep(self._books.switches.slow_s)
        with self._hold():
            return self._finish(work, fault, headers)

    def _fault(self, request: ApiRequest) -> ApiFault | None:
        switches = self._books.switches
        return next(
            (fault for fault in ApiFault if switches.strikes(fault, path=request.path, method=request.method)), None
        )

    def _begin(self, request: ApiRequest, request_id: str) -> "_Work | Kept":
        checked_key(request.headers.get("authorization", ""), self._secret_key)
        account = self._account(request)
        found = route(request.method, request.path)
        form = nested(request.pairs)
        key = _key(request, account)
        if key is not None:
            kept = self.keys.begin(key, Kept(request.path, form, self._books.moment, request_id))
            if kept is not None:
                return kept
        try:
            parameters = checked(shape_of(found.endpoint.parameters), form)
        except StripeError:
            if key is not None:
                self.keys.forget(key)
            raise
        return _Work(account, found, parameters, key, request_id)

    def _finish(self, work: "_Work", fault: ApiFault | None, headers: Mapping[str, str]) -> ApiResponse:
        self._books.request = {"id": work.request_id, "idempotency_key": work.key[1] if work.key else None}
        begun = True
        try:
            shown = work.route.endpoint.answer(work.account, work.route.name, work.parameters)
            answer = (200, _encoded(shown))
        except StripeError as error:
            begun = error.begun
            answer = (error.status, _encoded(error.body()))
        except BaseException:
            # A fault of the stand-in's own: the key must not seem in use for ever.
            if work.key is not None:
                self.keys.forget(work.key)
            raise
        finally:
            self._books.request = {}
        if fault is ApiFault.ERROR_AFTER:
            answer = (500, _encoded(_SORRY.body()))
        if work.key is not None:
            if begun:
                self.keys.finish(work.key, answer)
            else:
                self.keys.forget(work.key)
        return LOST if fault is ApiFault.LOST_ANSWER else ApiResponse(*answer, headers)

    def _account(self, request: ApiRequest) -> Account:
        name = request.headers.get("stripe-account") or request.headers.get("stripe-context") or None
        account = self._accounts.get(name)
        if account is None:
            raise StripeError(
                f"The provided key '{masked(self._secret_key)}' does not have access to account '{name}' (or that "
                "account does not exist). Application access may have been revoked.",
                status=403, kind=INVALID_REQUEST, code="account_invalid", begun=False,
            )  # fmt: skip
        return account

    def _headers(self, request: ApiRequest, request_id: str) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "Request-Id": request_id,
            "Stripe-Version": request.headers.get("stripe-version") or self._books.api_version,
        }
        for name in ("Idempotency-Key", "Stripe-Account"):
            if name.lower() in request.headers:
                headers[name] = request.headers[name.lower()]
        return headers


@dataclass(frozen=True, slots=True)
class _Work:
    account: Account
    route: Route
    parameters: Object
    key: tuple[str | None, str] | None
    request_id: str


_SORRY = StripeError("An unknown error occurred", status=500, kind=API)
_BUSY = StripeError("Stripe is temporarily unavailable. Please try again.", status=503, kind=API)
_OFTEN = StripeError(
    "Too many requests hit the API too quickly. We recommend an exponential backoff of your requests.",
    status=429, code="rate_limit",
)  # fmt: skip


def _early(fault: ApiFault | None, headers: Mapping[str, str]) -> ApiResponse | None:
    """The answer where nothing is done at all."""
    if fault is ApiFault.LOST_REQUEST:
        return LOST
    refusal = {ApiFault.UNAVAILABLE: _BUSY, ApiFault.RATE_LIMITED: _OFTEN}.get(fault) if fault else None
    return None if refusal is None else ApiResponse(refusal.status, _encoded(refusal.body()), headers)


def _key(request: ApiRequest, account: Account) -> tuple[str | None, str] | None:
    key = request.headers.get("idempotency-key")
    return (account.name, key) if key and request.method == "POST" else None


def _encoded(shown: Object) -> bytes:
    return json.dumps(shown, indent=2, ensure_ascii=False).encode()
