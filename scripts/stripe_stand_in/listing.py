"""Lists: newest first, in pages, with filters. https://docs.stripe.com/api/pagination"""

import operator
from collections.abc import Callable, Iterable
from typing import Any

from stripe_stand_in.account import Account, Object
from stripe_stand_in.errors import StripeError, no_such, not_modelled
from stripe_stand_in.expanding import list_of, rendered

USUAL, MOST = 10, 100
_PAGING = frozenset({"limit", "starting_after", "ending_before", "expand"})
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


def listed(account: Account, url: str, found: Iterable[Object], params: Object, filters: frozenset[str]) -> Object:
    """One page of those that fit all filters; `filters` are the names that are compared with the field of that name."""
    for name in params:
        if name not in _PAGING | filters:
            raise not_modelled(name)
    fitting = [made for made in found if all(_fits(made, name, params[name]) for name in filters & params.keys())]
    page, has_more = _page(fitting, params)
    shown = list_of(url, page, has_more=has_more)
    return rendered(account, shown, params.get("expand", []))


def _fits(made: Object, name: str, wanted: Any) -> bool:
    if name == "types":
        return made["type"] in wanted
    if isinstance(wanted, dict):
        return all(_COMPARISONS[comparison](made[name], bound) for comparison, bound in wanted.items())
    if name == "type" and wanted.endswith(".*"):
        return bool(made[name].startswith(wanted[:-1]))
    return bool(made[name] == wanted)


def _page(found: list[Object], params: Object) -> tuple[list[Object], bool]:
    limit = params.get("limit", USUAL)
    if not 1 <= limit <= MOST:
        raise StripeError(
            f"This value must be {'greater than or equal to 1' if limit < 1 else f'less than or equal to {MOST}'}.",
            code="parameter_invalid_integer",
            param="limit",
        )
    if "ending_before" in params:
        before = found[: _place(found, params["ending_before"], "ending_before")]
        return _visible(before[-limit:]), len(before) > limit
    begin = _place(found, params["starting_after"], "starting_after") + 1 if "starting_after" in params else 0
    return _visible(found[begin : begin + limit]), len(found) > begin + limit


def _place(found: list[Object], name: str, param: str) -> int:
    for place, made in enumerate(found):
        if made["id"] == name:
            return place
    raise no_such("object", name, param)


def _visible(page: list[Object]) -> list[Object]:
    return [{name: value for name, value in made.items() if not name.startswith("_")} for made in page]
