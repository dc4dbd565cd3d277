"""Products, prices and coupons: as much of them as sessions need."""

from collections.abc import Callable
from decimal import Decimal

from stripe_stand_in.account import Account, Object
from stripe_stand_in.currencies import checked_currency
from stripe_stand_in.errors import StripeError, missing, not_modelled
from stripe_stand_in.objects import COUPON, PRICE, PRODUCT, blank, merge_metadata

_PRODUCT = frozenset({"active", "description", "expand", "id", "images", "metadata", "name", "unit_label", "url"})
_PRICE = frozenset(
    {"active", "currency", "expand", "lookup_key", "metadata", "nickname", "product", "product_data", "tax_behavior",
     "unit_amount", "unit_amount_decimal"}
)  # fmt: skip
_COUPON = frozenset(
    {"amount_off", "currency", "duration", "expand", "id", "max_redemptions", "metadata", "name", "percent_off"}
)


def create_product(account: Account, params: Object) -> Object:
    """`POST /v1/products`."""
    _refuse_others(params, _PRODUCT)
    made = blank(PRODUCT, account)
    made.update({name: value for name, value in params.items() if name not in {"expand", "metadata"}})
    made["active"] = params.get("active", True)
    made["updated"] = account.now
    merge_metadata(made, params.get("metadata"))
    _add_new(account, made)
    account.tell("product.created", made)
    return made


def create_price(account: Account, params: Object) -> Object:
    """`POST /v1/prices`: one-time prices."""
    _refuse_others(params, _PRICE)
    made = price_from(account, params, "")
    made["active"] = params.get("active", True)
    made.update({name: params[name] for name in ("lookup_key", "nickname") if name in params})
    merge_metadata(made, params.get("metadata"))
    account.tell("price.created", made)
    return made


def create_coupon(account: Account, params: Object) -> Object:
    """`POST /v1/coupons`: an amount or a percentage off."""
    _refuse_others(params, _COUPON)
    if ("amount_off" in params) == ("percent_off" in params):
        raise StripeError("You must pass either percent_off or amount_off.", param="percent_off")
    if "amount_off" in params and "currency" not in params:
        raise missing("currency")
    if not 0 < params.get("percent_off", 100) <= 100 or params.get("amount_off", 1) < 1:
        raise StripeError("A coupon takes something off, and no more than everything.", param="percent_off")
    made = blank(COUPON, account)
    made.update({name: value for name, value in params.items() if name not in {"expand", "metadata"}})
    if "currency" in params:
        made["currency"] = checked_currency(params["currency"], "currency")
    if "percent_off" in params:
        made["percent_off"] = float(params["percent_off"])
    made.update(duration=params.get("duration", "once"), times_redeemed=0, valid=True)
    merge_metadata(made, params.get("metadata"))
    _add_new(account, made)
    account.tell("coupon.created", made)
    return made


def price_from(account: Account, data: Object, name: str) -> Object:
    """A price from `price_data` or from a request's own parameters; `name` is where they stand."""

    def named(part: str) -> str:
        return f"{name}[{part}]" if name else part

    if "recurring" in data:
        raise not_modelled(named("recurring"))
    currency = checked_currency(data["currency"], named("currency"))
    if ("unit_amount" in data) == ("unit_amount_decimal" in data):
        raise missing(named("unit_amount"))
    unit = Decimal(data["unit_amount"] if "unit_amount" in data else data["unit_amount_decimal"])
    if unit < 0:
        raise StripeError("Invalid non-negative integer", code="parameter_invalid_integer", param=named("unit_amount"))
    made = blank(PRICE, account)
    made.update(
        active=True,
        billing_scheme="per_unit",
        currency=currency,
        product=_product(account, data, named)["id"],
        tax_behavior=data.get("tax_behavior", "unspecified"),
        type="one_time",
        unit_amount=int(unit) if unit == unit.to_integral_value() else None,
        unit_amount_decimal=str(unit),
    )
    return account.add(made)


def _product(account: Account, data: Object, named: Callable[[str], str]) -> Object:
    if ("product" in data) == ("product_data" in data):
        raise StripeError(f"You must specify either `product` or `product_data` in {named('product')}.",
                          param=named("product"))  # fmt: skip
    if "product" in data:
        return account.get("product", data["product"], named("product"))
    given = data["product_data"]
    for part in given.keys() & {"tax_code", "tax_details"}:
        raise not_modelled(named("product_data") + f"[{part}]")
    made = blank(PRODUCT, account)
    made.update({part: value for part, value in given.items() if part != "metadata"}, active=False)
    merge_metadata(made, given.get("metadata"))
    return account.add(made)


def _add_new(account: Account, made: Object) -> None:
    kind = made["object"]
    if made["id"] in account.objects[kind]:
        raise StripeError(f"{kind.capitalize()} already exists.", code="resource_already_exists", param="id")
    account.add(made)


def _refuse_others(params: Object, known: frozenset[str]) -> None:
    for name in params:
        if name not in known:
            raise not_modelled(name)
