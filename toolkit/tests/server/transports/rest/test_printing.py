"""Messages as JSON text: byte for byte what the official emulator answered."""

from __future__ import annotations

import json
import math
import struct
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st

from firewarden.firestore.wire import protos
from firewarden.server.transports.rest.printing import compact_text, json_array, json_text

NAME = "projects/p/databases/(default)/documents/c/d1"


def document(**fields: Any) -> Any:
    return json_format.ParseDict({"name": NAME, "fields": fields}, protos.Document(), descriptor_pool=protos.pool())


RECORDED = """\
{
  "name": "projects/p/databases/(default)/documents/c/d1",
  "fields": {
    "a": {
      "arrayValue": {
      }
    },
    "b": {
      "bytesValue": "AAEC/w=="
    },
    "big": {
      "doubleValue": 1.0E21
    },
    "bo": {
      "booleanValue": false
    },
    "d0": {
      "doubleValue": 1.0
    },
    "g": {
      "geoPointValue": {
        "latitude": 1.0
      }
    },
    "i": {
      "integerValue": "5"
    },
    "inf": {
      "doubleValue": "-Infinity"
    },
    "m": {
      "mapValue": {
      }
    },
    "n": {
      "nullValue": null
    },
    "nan": {
      "doubleValue": "NaN"
    },
    "r": {
      "referenceValue": "projects/p/databases/(default)/documents/c/d1"
    },
    "s": {
      "stringValue": "é<>&'\\"/\\u2028😀\\u0001"
    },
    "small": {
      "doubleValue": 1.0E-7
    },
    "t": {
      "timestampValue": "2020-01-01T00:00:00.123456Z"
    },
    "t2": {
      "timestampValue": "2020-01-01T00:00:00Z"
    },
    "z": {
      "arrayValue": {
        "values": [{
          "integerValue": "1"
        }, {
          "mapValue": {
            "fields": {
              "k": {
                "stringValue": "v"
              }
            }
          }
        }]
      }
    }
  },
  "createTime": "2026-11-21T07:14:54.641305Z",
  "updateTime": "2026-11-21T07:14:54.641305Z"
}"""


def test_all_values() -> None:
    """The emulator keeps the order of fields in which they were stored, we sort them."""
    message = json_format.Parse(RECORDED, protos.Document(), descriptor_pool=protos.pool())
    assert json_text(message) == RECORDED


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"BatchWriteResponse": {}}, "{\n}"),
        ({"ListCollectionIdsResponse": {"collectionIds": ["c"]}}, '{\n  "collectionIds": ["c"]\n}'),
        ({"ListCollectionIdsResponse": {"collectionIds": ["a", "b"]}}, '{\n  "collectionIds": ["a", "b"]\n}'),
        ({"BeginTransactionResponse": {"transaction": "ESAAAAAAAAAA"}}, '{\n  "transaction": "ESAAAAAAAAAA"\n}'),
        (
            {"RunQueryResponse": {"readTime": "2026-11-21T07:15:05.966144Z", "done": True, "skippedResults": 3}},
            '{\n  "readTime": "2026-11-21T07:15:05.966144Z",\n  "skippedResults": 3,\n  "done": true\n}',
        ),
        (
            {"BatchWriteResponse": {"writeResults": [{}], "status": [{"code": 5}, {}]}},
            '{\n  "writeResults": [{\n  }],\n  "status": [{\n    "code": 5\n  }, {\n  }]\n}',
        ),
    ],
)
def test_answers(message: dict[str, Any], text: str) -> None:
    ((kind, content),) = message.items()
    made = json_format.ParseDict(content, getattr(protos, kind)(), descriptor_pool=protos.pool())
    assert json_text(made) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0.0"), (-0.0, "-0.0"), (1.5, "1.5"), (-2.0, "-2.0"), (0.001, "0.001"), (0.000999, "9.99E-4"),
        (9999999.0, "9999999.0"), (1e7, "1.0E7"), (12345678.5, "1.23456785E7"), (-1e-7, "-1.0E-7"),
        (0.1 + 0.2, "0.30000000000000004"), (1.7976931348623157e308, "1.7976931348623157E308"), (100.0, "100.0"),
    ],
)  # fmt: skip
def test_doubles_are_written_as_java_does(number: float, text: str) -> None:
    assert f'"doubleValue": {text}\n' in json_text(protos.Value(double_value=number))


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_no_double_changes(number: float) -> None:
    found = json.loads(json_text(protos.Value(double_value=number)))["doubleValue"]
    assert struct.pack("d", found) == struct.pack("d", number)
    assert math.copysign(1, found) == math.copysign(1, number)


@settings(deadline=None)
@given(st.text(), st.binary(), st.integers(-(2**63), 2**63 - 1))
def test_what_is_printed_can_be_read(text: str, data: bytes, number: int) -> None:
    message = protos.Document(
        name=NAME, fields={text: {"bytes_value": data}, "i": {"integer_value": number}, "s": {"string_value": text}}
    )
    assert json_format.Parse(json_text(message), protos.Document(), descriptor_pool=protos.pool()) == message


def test_without_breaks_it_is_the_same() -> None:
    message = protos.Document.FromString(document(**json.loads(RECORDED)["fields"]).SerializeToString())
    compact = compact_text(message)
    assert "\n" not in compact
    assert json.loads(compact) == json.loads(json_text(message))


def test_streams_are_arrays() -> None:
    assert "".join(json_array([])) == "[\n]\n"
    assert "".join(json_array(["{\n}", "{\n}"])) == "[\n{\n},\n{\n}\n]\n"
