"""When the model of Stripe does not answer: before it has done its work, or after."""

from collections.abc import Callable

from gather.payments.facts import GatewayDownError

Fault = Callable[[str, str], None]
"""Called with a method's name, `before` and `after` it does its work; may raise GatewayDownError."""


def never(_method: str, _moment: str) -> None:
    """Stripe is never down."""


def stripe_is_down(*methods: str, moment: str = "before") -> Fault:
    """A fault that makes these methods fail, `before` or `after` they have done their work; none named: all."""

    def fault(method: str, when: str) -> None:
        if when == moment and (not methods or method in methods):
            raise GatewayDownError(method)

    return fault
