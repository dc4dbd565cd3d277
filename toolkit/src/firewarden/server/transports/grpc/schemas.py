"""The messages of gRPC's own services, reflection and health, written down here: nothing is generated.

Sources: https://github.com/grpc/grpc-proto, grpc/reflection/{v1,v1alpha}/reflection.proto, grpc/health/v1/health.proto.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_Field = descriptor_pb2.FieldDescriptorProto
_STRING, _BYTES, _INT32, _MESSAGE = _Field.TYPE_STRING, _Field.TYPE_BYTES, _Field.TYPE_INT32, _Field.TYPE_MESSAGE

# name: (number, type or message, whether it is repeated)
Fields = Mapping[str, tuple[int, int | str, bool]]

REFLECTION: Mapping[str, Fields] = {
    "ServerReflectionRequest": {
        "host": (1, _STRING, False),
        "file_by_filename": (3, _STRING, False),
        "file_containing_symbol": (4, _STRING, False),
        "file_containing_extension": (5, "ExtensionRequest", False),
        "all_extension_numbers_of_type": (6, _STRING, False),
        "list_services": (7, _STRING, False),
    },
    "ExtensionRequest": {"containing_type": (1, _STRING, False), "extension_number": (2, _INT32, False)},
    "ServerReflectionResponse": {
        "valid_host": (1, _STRING, False),
        "original_request": (2, "ServerReflectionRequest", False),
        "file_descriptor_response": (4, "FileDescriptorResponse", False),
        "all_extension_numbers_response": (5, "ExtensionNumberResponse", False),
        "list_services_response": (6, "ListServiceResponse", False),
        "error_response": (7, "ErrorResponse", False),
    },
    "FileDescriptorResponse": {"file_descriptor_proto": (1, _BYTES, True)},
    "ExtensionNumberResponse": {"base_type_name": (1, _STRING, False), "extension_number": (2, _INT32, True)},
    "ListServiceResponse": {"service": (1, "ServiceResponse", True)},
    "ServiceResponse": {"name": (1, _STRING, False)},
    "ErrorResponse": {"error_code": (1, _INT32, False), "error_message": (2, _STRING, False)},
}
_ONE_OF = {
    "ServerReflectionRequest": ("message_request", range(3, 8)),
    "ServerReflectionResponse": ("message_response", range(4, 8)),
}
# The status is an enum; on the wire that is the same as a number.
HEALTH: Mapping[str, Fields] = {
    "HealthCheckRequest": {"service": (1, _STRING, False)},
    "HealthCheckResponse": {"status": (1, _INT32, False)},
}


@cache
def messages(package: str) -> Mapping[str, Any]:
    """The message classes of `grpc.reflection.v1`, `grpc.reflection.v1alpha` or `grpc.health.v1`, by short names."""
    described = HEALTH if package.startswith("grpc.health") else REFLECTION
    file = descriptor_pb2.FileDescriptorProto(
        name=f"{package.replace('.', '/')}.proto", package=package, syntax="proto3"
    )
    for name, fields in described.items():
        _describe(file.message_type.add(name=name), package, fields)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}")) for name in described
    }


def _describe(message: Any, package: str, fields: Fields) -> None:
    one_of, members = _ONE_OF.get(message.name, ("", range(0)))
    if one_of:
        message.oneof_decl.add(name=one_of)
    for name, (number, kind, is_repeated) in fields.items():
        label = _Field.LABEL_REPEATED if is_repeated else _Field.LABEL_OPTIONAL
        field = message.field.add(name=name, number=number, label=label)
        if isinstance(kind, str):
            field.type, field.type_name = _MESSAGE, f".{package}.{kind}"
        else:
            field.type = kind
        if number in members:
            field.oneof_index = 0
