"""The services that every gRPC server has; their code is loaded when somebody calls them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from firewarden.server.transports.interface import Context, Method, Receive, Send, Services

_REFLECTION = tuple(
    f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo" for version in ("v1", "v1alpha")
)
_CHECK, _WATCH = "/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch"


def with_builtin(services: Services, pool: Callable[[], Any]) -> dict[str, Method]:
    """`services`, reflection and health. `pool()` gives the descriptors of the services' messages."""
    names = sorted({path.split("/")[1] for path in services})

    @cache
    def loaded() -> Services:
        from firewarden.server.transports.grpc.health import health_methods  # noqa: PLC0415 - rare
        from firewarden.server.transports.grpc.reflection import reflection_methods  # noqa: PLC0415 - rare

        return {**health_methods(names), **reflection_methods([*names, "grpc.health.v1.Health"], pool())}

    def check(data: bytes, context: Context) -> Any:
        return loaded()[_CHECK].handler(data, context)

    return {
        **services,
        _CHECK: Method("unary", check),
        **{path: Method("bidi", _later(loaded, path)) for path in (_WATCH, *_REFLECTION)},
    }


def _later(loaded: Callable[[], Services], path: str) -> Callable[..., Any]:
    async def handler(receive: Receive, send: Send, context: Context) -> None:
        await loaded()[path].handler(receive, send, context)

    return handler
