"""What a session costs: its line items, prices and discount. Whole amounts in the currency's smallest unit."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from stripe_stand_in.account import Account, Object
from stripe_stand_in.catalog import price_from
from stripe_stand_in.currencies import check_charge, check_round
from stripe_stand_in.errors import StripeError, missing, not_modelled
from stripe_stand_in.objects import LINE_ITEM, blank

MOST_LINE_ITEMS = 100


def line_items_of(account: Account, given: list[Object]) -> list[Object]:
    """The line items with their prices, before any discount; all in one currency."""
    if len(given) > MOST_LINE_ITEMS:
        raise StripeError(f"You can have at most {MOST_LINE_ITEMS} line items.", param="line_items")
    items = [_line_item(account, each, f"line_items[{index}]") for index, each in enumerate(given)]
    if len({item["currency"] for item in items}) > 1:
        raise StripeError("All line items must have the same currency.", param="line_items")
    return items


def discount(account: Account, items: list[Object], discounts: list[Object]) -> None:
    """One coupon at most, spread over the line items in proportion so that the parts add up exactly."""
    if not discounts:
        return
    if len(discounts) > 1:
        raise StripeError("You can only apply one discount to a Checkout Session.", param="discounts")
    if "promotion_code" in discounts[0]:
        raise not_modelled("discounts[0][promotion_code]")
    coupon = account.get("coupon", discounts[0].get("coupon", ""), "discounts[0][coupon]")
    currency = items[0]["currency"]
    subtotal = sum(item["amount_subtotal"] for item in items)
    if coupon["amount_off"] is not None and coupon["currency"] != currency:
        raise StripeError(f"The coupon {coupon['id']} is in {coupon['currency']}, the session in {currency}.",
                          param="discounts[0][coupon]")  # fmt: skip
    off = (
        coupon["amount_off"]
        if coupon["amount_off"] is not None
        else _rounded(Decimal(subtotal) * Decimal(str(coupon["percent_off"])) / 100)
    )
    coupon["times_redeemed"] += 1
    _spread(items, min(off, subtotal), subtotal)


def total_of(items: list[Object]) -> int:
    """What is to be paid; nothing, or an amount that Stripe can charge."""
    total: int = sum(item["amount_total"] for item in items)
    if total:
        check_charge(total, items[0]["currency"], "line_items",
                     subject="The Checkout Session's total amount due must add up to")  # fmt: skip
    return total


def _line_item(account: Account, given: Object, name: str) -> Object:
    if "tax_rates" in given or "adjustable_quantity" in given:
        raise not_modelled(f"{name}[{'tax_rates' if 'tax_rates' in given else 'adjustable_quantity'}]")
    price = _price(account, given, name)
    if "quantity" not in given:
        raise missing(f"{name}[quantity]")
    quantity = given["quantity"]
    if quantity < 1:
        raise StripeError("This value must be greater than or equal to 1.", code="parameter_invalid_integer",
                          param=f"{name}[quantity]")  # fmt: skip
    amount = _rounded(Decimal(price["unit_amount_decimal"]) * quantity)
    check_round(amount, price["currency"], f"{name}[price_data][unit_amount]")
    item = blank(LINE_ITEM, account)
    item.update(
        amount_discount=0,
        amount_subtotal=amount,
        amount_tax=0,
        amount_total=amount,
        currency=price["currency"],
        description=account.objects["product"][price["product"]]["name"],
        metadata=given.get("metadata") or {},
        price=price,
        quantity=quantity,
    )
    for hidden in ("adjustable_quantity", "discounts", "taxes"):
        item.pop(hidden, None)
    return item


def _price(account: Account, given: Object, name: str) -> Object:
    if ("price" in given) == ("price_data" in given):
        raise StripeError(f"You must specify either `price` or `price_data` in {name}.", param=f"{name}[price]")
    if "price" in given:
        return account.get("price", given["price"], f"{name}[price]")
    return price_from(account, given["price_data"], f"{name}[price_data]")


def _spread(items: list[Object], off: int, subtotal: int) -> None:
    given = 0
    passed = 0
    for item in items:
        passed += item["amount_subtotal"]
        share = off * passed // subtotal - given if subtotal else 0
        given += share
        item.update(amount_discount=share, amount_total=item["amount_subtotal"] - share)


def _rounded(number: Any) -> int:
    return int(number.quantize(Decimal(1), ROUND_HALF_UP))
