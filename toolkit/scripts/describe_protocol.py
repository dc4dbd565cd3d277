"""Makes `firestore.desc`: the messages of Firestore's protocol, as the server needs them.

Source: the public .proto files of google.firestore.v1 (https://github.com/googleapis/googleapis, Apache-2.0; also in
the npm package @google-cloud/firestore under build/protos). Options, comments and what only they need are left out.

    pip install grpcio-tools
    python toolkit/scripts/describe_protocol.py FOLDER_WITH_GOOGLE_PROTOS
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from google.protobuf import descriptor_pb2

ROOTS = ("google/firestore/v1/firestore.proto", "google/rpc/status.proto")
LEFT_OUT = ("google/api/", "google/protobuf/descriptor.proto")
TARGET = Path(__file__).parents[1] / "src/firewarden/firestore/wire/firestore.desc"


def main(folder: str) -> None:
    """Compile, strip and write."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch, "all.desc")
        command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{folder}", "--include_imports"]
        subprocess.run([*command, f"--descriptor_set_out={out}", *ROOTS], check=True)  # noqa: S603 - our own arguments
        described = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes())
    _add_verify(described)
    kept = descriptor_pb2.FileDescriptorSet(
        file=[_stripped(each) for each in described.file if not each.name.startswith(LEFT_OUT)]
    )
    TARGET.write_bytes(kept.SerializeToString(deterministic=True))
    print(f"{TARGET.name}: {len(kept.file)} files, {TARGET.stat().st_size} bytes")  # noqa: T201 - a command


def _add_verify(described: descriptor_pb2.FileDescriptorSet) -> None:
    """Google's servers and the web SDK know a write that only verifies; the public files leave it out."""
    (write,) = (
        message
        for file in described.file
        if file.name == "google/firestore/v1/write.proto"
        for message in file.message_type
        if message.name == "Write"
    )
    field = write.field.add(name="verify", json_name="verify", number=5, oneof_index=0)
    field.type = descriptor_pb2.FieldDescriptorProto.TYPE_STRING
    field.label = descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL


def _stripped(file: descriptor_pb2.FileDescriptorProto) -> descriptor_pb2.FileDescriptorProto:
    file.ClearField("options")
    dependencies = [each for each in file.dependency if not each.startswith(LEFT_OUT)]
    del file.dependency[:]
    file.dependency.extend(dependencies)
    del file.public_dependency[:]
    for message in file.message_type:
        _strip_message(message)
    for service in file.service:
        service.ClearField("options")
        for method in service.method:
            method.ClearField("options")
    return file


def _strip_message(message: descriptor_pb2.DescriptorProto) -> None:
    # Maps are told from other repeated messages by an option, which therefore stays.
    if not message.options.map_entry:
        message.ClearField("options")
    for field in message.field:
        field.ClearField("options")
    for nested in message.nested_type:
        _strip_message(nested)


if __name__ == "__main__":
    main(sys.argv[1])
