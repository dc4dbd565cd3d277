"""Server reflection: what services there are and what their messages look like, for grpcurl and its kin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pool import DescriptorPool

from firewarden.firestore.status import Code
from firewarden.server.transports.grpc.schemas import messages
from firewarden.server.transports.interface import Context, Method, Receive, Send

_KINDS: Mapping[str | None, str] = {
    "file_by_filename": "File",
    "file_containing_extension": "Extension",
    "all_extension_numbers_of_type": "Type",
}
"""What is missed when a question has no answer, in the words of Java's servers."""
_PACKAGES = ("grpc.reflection.v1", "grpc.reflection.v1alpha")


def reflection_methods(services: Iterable[str], pool: DescriptorPool) -> dict[str, Method]:
    """The methods of both versions of reflection, for services that `pool` describes."""
    names = sorted({*services, *(f"{package}.ServerReflection" for package in _PACKAGES)})
    return {f"/{package}.ServerReflection/ServerReflectionInfo": _method(package, names, pool) for package in _PACKAGES}


def _method(package: str, names: Sequence[str], pool: DescriptorPool) -> Method:
    async def server_reflection_info(receive: Receive, send: Send, _context: Context) -> None:
        classes = messages(package)
        while (data := await receive()) is not None:
            request = classes["ServerReflectionRequest"].FromString(data)
            response = classes["ServerReflectionResponse"](valid_host=request.host, original_request=request)
            _answer(request, response, names, pool)
            await send(response)

    return Method("bidi", server_reflection_info)


def _answer(request: Any, response: Any, names: Sequence[str], pool: DescriptorPool) -> None:
    try:
        match request.WhichOneof("message_request"):
            case "list_services":
                for name in names:
                    response.list_services_response.service.add(name=name)
            case "file_by_filename":
                _describe(response, pool.FindFileByName(request.file_by_filename))
            case "file_containing_symbol":
                _describe(response, pool.FindFileContainingSymbol(request.file_containing_symbol))
            case other:  # there are no extensions
                _not_found(response, other)
    except KeyError:
        _not_found(response, request.WhichOneof("message_request"))


def _not_found(response: Any, asked: str | None) -> None:
    response.error_response.error_code = int(Code.NOT_FOUND)
    response.error_response.error_message = f"{_KINDS.get(asked, 'Symbol')} not found."


def _describe(response: Any, file: FileDescriptor) -> None:
    response.file_descriptor_response.file_descriptor_proto.extend(
        each.serialized_pb for each in _with_dependencies(file, set())
    )


def _with_dependencies(file: FileDescriptor, seen: set[str]) -> Iterator[FileDescriptor]:
    if file.name in seen:
        return
    seen.add(file.name)
    yield file
    for each in file.dependencies:
        yield from _with_dependencies(each, seen)
