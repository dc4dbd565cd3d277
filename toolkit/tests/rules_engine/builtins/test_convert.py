"""Conversions, as Java reads and writes numbers. There is no bool()."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from firewarden.values import Vector

CASES: list[tuple[str, Any]] = [
    ("int('-007')", -7),
    ("int('1.0')", "Type conversion error. Argument: [1.0], From type: [string], To type: [int]."),
    ("int('')", "Type conversion error. Argument: [], From type: [string], To type: [int]."),
    (
        "int('9223372036854775808')",
        "Type conversion error. Argument: [9223372036854775808], From type: [string], To type: [int].",
    ),
    ("int('\\u0661')", 1),
    ("int(1.9)", 1),
    ("int(float('NaN'))", 0),
    ("int(float('-Infinity'))", -9223372036854775808),
    (
        "int(true)",
        "Unsupported operation error. Received: int(bool). Expected: int(int), int(float), int(string).",
    ),
    ("float('1e3')", 1000.0),
    ("float(' .5f ')", 0.5),
    ("float('0x1.8p1')", 3.0),
    ("float('0x1p99999')", math.inf),
    ("float('-0x1p99999')", -math.inf),
    ("float('Infinity')", math.inf),
    ("float('inf')", "Type conversion error. Argument: [inf], From type: [string], To type: [float]."),
    ("float(1)", 1.0),
    ("string(1.0)", "1.0"),
    ("string(1234567.0)", "1234567.0"),
    ("string(12345678.9)", "1.23456789E7"),
    ("string(0.001)", "0.001"),
    ("string(0.0001)", "1.0E-4"),
    ("string(-0.0)", "-0.0"),
    ("string(4.9)", "4.9"),
    ("string(float('4.9E-324'))", "4.9E-324"),
    ("string(float('-Infinity'))", "-Infinity"),
    ("string(float('NaN'))", "NaN"),
    ("string(null)", "null"),
    ("string(true)", "true"),
    ("string(/a/b)", "/a/b"),
    ("string('a')", "a"),
    (
        "string([])",
        (
            "Unsupported operation error. Received: string(list). Expected: string(int), string(float), "
            "string(null), string(string), string(bool), string(path)."
        ),
    ),
    ("vector([1.0, 2.5])", Vector((1.0, 2.5))),
    ("vector([])", Vector(())),
    ("vector([0.0]) == vector([-0.0])", False),
    ("[vector([0.0]), vector([-0.0])].toSet().size()", 1),
    (
        "vector([1, [true], {'b': null, 'a': 'é'}])",
        """Type conversion error. Argument: [values {
  int_value: 1
}
values {
  list_value {
    values {
      bool_value: true
    }
  }
}
values {
  map_value {
    fields {
      key: "a"
      value {
        string_value: "\\303\\251"
      }
    }
    fields {
      key: "b"
      value {
        null_value: NULL_VALUE
      }
    }
  }
}
], From type: [list], To type: [vector].""",
    ),
    (
        "vector([b'\\x00', /a, duration.value(-1500, 'ms'), timestamp.value(0), latlng.value(1, 0)])",
        """Type conversion error. Argument: [values {
  bytes_value: "\\000"
}
values {
  path_value {
    segments {
      simple: "a"
    }
  }
}
values {
  duration_value {
    seconds: -1
    nanos: -500000000
  }
}
values {
  timestamp_value {
  }
}
values {
  latlng_value {
    latitude: 1.0
  }
}
], From type: [list], To type: [vector].""",
    ),
    (
        "vector([[1.0].toSet(), vector([2.0]), {}.diff({}), duration.value(1, 's')])",
        """Type conversion error. Argument: [values {
  set_value {
    values {
      float_value: 1.0
    }
  }
}
values {
  vector_value {
    values {
      float_value: 2.0
    }
  }
}
values {
  map_diff_value {
  }
}
values {
  duration_value {
    seconds: 1
  }
}
], From type: [list], To type: [vector].""",
    ),
    ("int('😀'[0])", "Type conversion error. Argument: [?], From type: [string], To type: [int]."),
    ("int(5)", 5),
    (f"int('{'0' * 5000}7')", 7),
    (f"int('-{'0' * 5000}9223372036854775808')", -(2**63)),
    (f"int('+{'0' * 5000}')", 0),
    ("bool('true')", "Function not found error: Name: [bool]."),
    ("debug(1, 2)", 1),
    ("debug()", "Service call error. Function: [debug], Argument: []."),
    ("int()", "Incorrect number of arguments. Received: 0. Expected: int(int), int(float), int(string)."),
]


@pytest.mark.parametrize("digits", [f"1{'0' * 5000}", f"{'0' * 5000}9223372036854775808"])
def test_no_number_of_digits_is_too_many_to_be_told(digits: str, evaluate: Callable[[str], Any]) -> None:
    text = f"Type conversion error. Argument: [{digits}], From type: [string], To type: [int]."
    assert evaluate(f"int('{digits}')") == text


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[case[0][:80] for case in CASES])
def test_convert(expression: str, expected: Any, evaluate: Callable[[str], Any]) -> None:
    outcome = evaluate(expression)
    assert (type(outcome), outcome) == (type(expected), expected)
