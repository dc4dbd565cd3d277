"""Errors in Stripe's shape: https://docs.stripe.com/api/errors

{"error": {"type": ..., "code": ..., "param": ..., "message": ..., "doc_url": ...}}
"""

from typing import Any

INVALID_REQUEST = "invalid_request_error"
IDEMPOTENCY = "idempotency_error"
CARD = "card_error"
API = "api_error"


class StripeError(Exception):
    """A request was refused: the HTTP status, and what its body says.

    `begun` is false when no endpoint began its work; such an answer is not kept for the idempotency key.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = INVALID_REQUEST,
        code: str | None = None,
        param: str | None = None,
        begun: bool = True,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.begun = begun
        self.more = more

    def body(self) -> dict[str, Any]:
        """The JSON of the answer; what does not apply is left out."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind, **self.more}
        if self.code is not None:
            error["code"] = self.code
            error["doc_url"] = "https://stripe.com/docs/error-codes/" + self.code.replace("_", "-")
        if self.param is not None:
            error["param"] = self.param
        return {"error": error}


def no_such(kind: str, name: str, param: str) -> StripeError:
    """The object is not there, or not for this account."""
    # Stripe quotes the names of all objects but sessions.
    quoted = name if kind == "checkout.session" else f"'{name}'"
    return StripeError(f"No such {kind}: {quoted}", status=404, code="resource_missing", param=param)


def unexpected_state(message: str, intent: dict[str, Any]) -> StripeError:
    """The payment intent is in a state in which this cannot be done."""
    return StripeError(message, code="payment_intent_unexpected_state", payment_intent=intent)


def missing(param: str) -> StripeError:
    """A parameter that this request needs was not given."""
    return StripeError(f"Missing required param: {param}.", code="parameter_missing", param=param, begun=False)


def not_modelled(param: str) -> StripeError:
    """Stripe knows the parameter, and the stand-in does not pretend to."""
    return StripeError(
        f"The stand-in does not model the parameter {param}. Stripe may accept it: leave it out here, or extend "
        "the stand-in.",
        code="stand_in_does_not_model",
        param=param,
        begun=False,
    )
