"""Everything the language can call: the methods of every type, the functions and the packages of functions.

Not here: `get`, `exists` and their kin, which read documents (`rules.lookups`), and functions of the ruleset.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from firewarden.rules.builtins import bytes as bytes_
from firewarden.rules.builtins import constraint as constraint_
from firewarden.rules.builtins import convert as convert_
from firewarden.rules.builtins import duration as duration_
from firewarden.rules.builtins import hashing as hashing_
from firewarden.rules.builtins import latlng as latlng_
from firewarden.rules.builtins import list as list_
from firewarden.rules.builtins import map as map_
from firewarden.rules.builtins import math as math_
from firewarden.rules.builtins import path as path_
from firewarden.rules.builtins import set as set_
from firewarden.rules.builtins import string as string_
from firewarden.rules.builtins import timestamp as timestamp_
from firewarden.rules.builtins.registry import Builtin, Dispatch, Implementation, merged

_METHODS = merged(
    [each.METHODS for each in (bytes_, constraint_, duration_, latlng_, list_, map_, path_, set_, string_, timestamp_)]
)
FUNCTIONS: Mapping[str, Builtin] = MappingProxyType(
    {
        name: builtin
        for module in (convert_, duration_, hashing_, latlng_, math_, timestamp_)
        for name, builtin in module.FUNCTIONS.functions().items()
    }
)
PACKAGES = frozenset(name.partition(".")[0] for name in FUNCTIONS if "." in name)

__all__ = [
    "FUNCTIONS",
    "PACKAGES",
    "Builtin",
    "Dispatch",
    "Implementation",
    "dispatch",
    "dispatch_function",
    "find_method",
]


def find_method(receiver: type, name: str) -> Builtin | None:
    """The method of that name, if values of this type have one."""
    return _METHODS.get(receiver, {}).get(name)


@cache
def dispatch(name: str, arity: int) -> Dispatch:
    """The implementations of the methods of that name by the types of receiver and arguments."""
    return {
        (receiver, *kinds): implementation
        for receiver, methods in _METHODS.items()
        if name in methods
        for kinds, implementation in methods[name].by_types().items()
        if len(kinds) == arity
    }


@cache
def dispatch_function(name: str, arity: int) -> Dispatch:
    """The implementations of the function of that full name by the types of the arguments."""
    return {kinds: each for kinds, each in FUNCTIONS[name].by_types().items() if len(kinds) == arity}
