"""The stand-in as its users see it: it answers API requests, lets customers and the dashboard act, and delivers events.

Everything happens under one lock, and nothing is sent while it is held.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from stripe_stand_in.account import Account, Books, Object, visible
from stripe_stand_in.api import Api, ApiRequest, ApiResponse
from stripe_stand_in.cards import Means
from stripe_stand_in.charging import authenticate, settle
from stripe_stand_in.clock import Clock
from stripe_stand_in.disputes import close_dispute, open_dispute
from stripe_stand_in.errors import StripeError
from stripe_stand_in.identifiers import Identifiers
from stripe_stand_in.intents import pay_intent
from stripe_stand_in.methods import card_means, made_from
from stripe_stand_in.outbox import Delivery, Outbox, Webhook
from stripe_stand_in.refunds import create_refund, settle_refund
from stripe_stand_in.sending import send
from stripe_stand_in.sessions import authenticate_session, expire_session, pay_session
from stripe_stand_in.signing import signature_header
from stripe_stand_in.switches import Mischief, Switches

API_VERSION = "2026-10-28.endive"
SECRET_KEY = "sk_test_stand_in"  # noqa: S105 - guards nothing: whoever reaches the stand-in may use it
CARD = "4242 4242 4242 4242"


@dataclass(frozen=True, slots=True)
class Paid:
    """How a visit to the pay page ended: where the customer is sent, or why the payment method was refused."""

    status: str
    """`paid`, `processing`, `requires_action`, `declined` or `no_payment_required`."""
    url: str | None
    message: str | None


class StandIn:
    """A Stripe of its own: same seed, same clock and same requests give the same answers and events."""

    def __init__(
        self,
        *,
        webhooks: Sequence[Webhook] = (),
        connected_accounts: Sequence[str] = (),
        secret_key: str = SECRET_KEY,
        clock: Clock | None = None,
        signs_by: Clock | None = None,
        seed: int = 0,
        switches: Switches | None = None,
        pages_url: str = "http://stripe.example",
    ) -> None:
        self.clock = clock or Clock()
        self.switches = switches or Switches(seed)
        self.secret_key = secret_key
        self.outbox = Outbox(webhooks, self.switches)
        self._lock = threading.RLock()
        # INVARIANT: the same lock: whoever waits for a change looks at the books without missing one.
        self.changed = threading.Condition(self._lock)
        """Notified when there may be something to deliver, or when something was."""
        self._signs_by = signs_by or self.clock
        self._books = Books(self.clock, Identifiers(seed), self.switches, API_VERSION, pages_url, self._record)
        self._accounts = {name: Account(self._books, name) for name in (None, *connected_accounts)}
        self._api = Api(self._books, self._accounts, secret_key, self._up_to_date)

    @property
    def events(self) -> list[Object]:
        """Every event so far, the oldest first, of all accounts."""
        with self._up_to_date():
            found = [event for account in self._accounts.values() for event in account.objects["event"].values()]
            return [visible(event) for event in sorted(found, key=lambda event: event["_number"])]

    def answer(self, request: ApiRequest) -> ApiResponse:
        """The API's answer."""
        return self._api.answer(request)

    def show_pages_at(self, url: str) -> None:
        """Where sessions send their customers from now on."""
        self._books.pages_url = url

    def line_items(self, session_id: str) -> list[Object]:
        """What is bought in this session."""
        with self._up_to_date():
            account, session = self._find(session_id, "checkout.session")
            return [visible(item) for item in account.line_items[session["id"]]]

    def get(self, name: str, kind: str | None = None) -> Object:
        """The object with this identifier, of whatever account, as the API shows it."""
        with self._up_to_date():
            return visible(self._find(name, kind)[1])

    def pay(self, name: str, *, card: str = CARD, method: str = "card", fails_later: bool = False) -> Paid:
        """The customer pays a session on its page, or an intent on the client's own, by card or a delayed type."""
        with self._up_to_date():
            account, found = self._find(name)
            if found["object"] == "checkout.session" and not found["amount_total"]:
                pay_session(account, found, None)
                return self._ended(account, found)
            delayed = Means(type=method, last4="6789", fails_later=fails_later)
            used = made_from(account, card_means(card) if method == "card" else delayed)
            if found["object"] == "checkout.session":
                pay_session(account, found, used)
                return self._ended(account, found)
            pay_intent(account, account.get("payment_intent", name, "payment_intent"), used)
            return _tried(found)

    def authenticate(self, session_id: str, *, succeeds: bool = True) -> Paid:
        """The customer answers their bank after a card that asks for it."""
        with self._up_to_date():
            account, session = self._find(session_id, "checkout.session")
            authenticate_session(account, session, succeeds=succeeds)
            return self._ended(account, session)

    def answer_bank(self, intent_id: str, *, succeeds: bool) -> tuple[str | None, str | None]:
        """The customer answers at their bank's page: where they go next, and the session if one is being paid."""
        with self._up_to_date():
            account, intent = self._find(intent_id, "payment_intent")
            session_id: str | None = intent["_session"]
            if session_id is not None:
                ended = self.authenticate(session_id, succeeds=succeeds)
                return ended.url, session_id
            authenticate(account, intent, succeeds=succeeds)
            return intent["_return_url"], None

    def settle(self, name: str, *, succeeds: bool = True) -> None:
        """A delayed payment (session or intent) is settled now rather than days later."""
        with self._up_to_date():
            account, found = self._find(name)
            if found["object"] == "checkout.session":
                found = account.get("payment_intent", found["payment_intent"] or "", "payment_intent")
            settle(account, found, succeeds=succeeds)

    def expire(self, session_id: str) -> None:
        """The session expires now, as if the dashboard had done it."""
        with self._up_to_date():
            expire_session(*self._find(session_id, "checkout.session"))

    def refund(self, name: str, amount: int | None = None, *, reason: str | None = None) -> Object:
        """Somebody refunds a charge, intent or session in the dashboard."""
        with self._up_to_date():
            account, charge = self._charge_of(name)
            params: dict[str, Any] = {"charge": charge["id"], "amount": amount, "reason": reason}
            return visible(create_refund(account, {key: value for key, value in params.items() if value is not None}))

    def settle_refund(self, refund_id: str, status: str) -> None:
        """A refund becomes `succeeded`, `failed`, `canceled`, `pending` or `requires_action`."""
        with self._up_to_date():
            account, refund = self._find(refund_id, "refund")
            settle_refund(account, refund, status)

    def dispute(self, name: str, *, reason: str = "fraudulent") -> Object:
        """The customer's bank disputes a charge (named by charge, intent or session)."""
        with self._up_to_date():
            account, charge = self._charge_of(name)
            return visible(open_dispute(account, charge, reason=reason))

    def close_dispute(self, dispute_id: str, *, won: bool) -> None:
        """The bank has decided."""
        with self._up_to_date():
            account, dispute = self._find(dispute_id, "dispute")
            close_dispute(account, dispute, won=won)

    def deliver(self, most: int = 10_000) -> int:
        """Delivers what is due, also what these deliveries cause, and returns how many attempts were made."""
        for count in range(most):
            delivery = self.take()
            if delivery is None:
                return count
            self.attempt(delivery)
        return most

    def take(self) -> Delivery | None:
        """The next delivery that is due, for `attempt`."""
        with self._up_to_date():
            return self.outbox.next(self.clock.seconds())

    def attempt(self, delivery: Delivery) -> int:
        """Sends it, and returns the status that the endpoint answered, 0 for nothing."""
        signed_at = int(self._signs_by.seconds())
        header = signature_header(delivery.payload, delivery.webhook.secrets, signed_at)
        status = send(delivery.webhook, delivery.payload, header)
        with self._up_to_date():
            counted = 0 if self.switches.strikes(Mischief.LOSE_ANSWER) else status
            self.outbox.answered(delivery, counted, self.clock.seconds())
        self.wake()
        return status

    def wait_until_idle(self, timeout_s: float = 60.0) -> bool:
        """Returns when nothing is due or under way, where something else delivers; false when time ran out first."""
        with self.changed:
            return self.changed.wait_for(self._is_idle, timeout_s)

    def redeliver(self, event_id: str) -> None:
        """Sends the event once more to everybody who wants it, as the dashboard can."""
        with self._up_to_date():
            self.outbox.put(self._find(event_id, "event")[1], self.clock.seconds())
        self.wake()

    def wake(self) -> None:
        """Whoever waits for deliveries looks again."""
        with self.changed:
            self.changed.notify_all()

    def next_due(self) -> float | None:
        """When something is to be delivered or happens by itself."""
        with self._up_to_date():
            moments = [moment for moment in (self.outbox.next_due(), self._books.next_due()) if moment is not None]
            return min(moments, default=None)

    @contextmanager
    def _up_to_date(self) -> Iterator[None]:
        with self._lock:
            self._books.catch_up()
            yield

    def _is_idle(self) -> bool:
        with self._up_to_date():
            return not self.outbox.under_way and not self.outbox.is_due(self.clock.seconds())

    def _record(self, event: Object) -> None:
        event["_number"] = self._books.count_event()
        self.outbox.put(event, self._books.moment)
        self.wake()

    def _find(self, name: str, kind: str | None = None) -> tuple[Account, Object]:
        for account in self._accounts.values():
            for found_kind, objects in account.objects.items():
                if name in objects and kind in (None, found_kind):
                    return account, objects[name]
        raise StripeError(f"No such object: '{name}'", status=404, code="resource_missing")

    def _charge_of(self, name: str) -> tuple[Account, Object]:
        account, found = self._find(name)
        if found["object"] == "checkout.session":
            found = account.get("payment_intent", found["payment_intent"] or "", "payment_intent")
        if found["object"] == "payment_intent":
            found = account.get("charge", found["latest_charge"] or "", "charge")
        return account, found

    def _ended(self, account: Account, session: Object) -> Paid:
        if session["status"] == "complete":
            status = "processing" if session["payment_status"] == "unpaid" else session["payment_status"]
            return Paid(status, session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]), None)
        return _tried(account.objects["payment_intent"][session["payment_intent"]])


def _tried(intent: Object) -> Paid:
    """What became of the intent."""
    if intent["status"] == "requires_action":
        return Paid("requires_action", intent["next_action"]["redirect_to_url"]["url"], None)
    if intent["status"] == "requires_payment_method":
        return Paid("declined", None, intent["last_payment_error"]["message"])
    return Paid("paid" if intent["status"] == "succeeded" else "processing", intent["_return_url"], None)
