"""What newcomers write, and that each message says at once what to write instead."""

import pytest

from firewarden.language import Severity, parse

HEAD = "rules_version = '2';\nservice cloud.firestore {\n  match /databases/{database}/documents {\n"
TAIL = "  }\n}\n"

MISTAKES = {
    "allow read: if id = 'x';": ("`=` does not compare", "Write `==`."),
    "allow read: if id === 'x';": ("`===` is no operator", "Write `==`"),
    "allow read: if id !== 'x';": ("`!==` is no operator", "Write `!=`"),
    "allow read: if true and true;": ("`and` is no operator", "Write `&&`."),
    "allow read: if true or true;": ("`or` is no operator", "Write `||`."),
    "allow read: if not (true);": ("`not` is no operator", "Write `!`."),
    "allow read: if true & true;": ("`&` is no operator", "Write `&&`."),
    "allow read: if true | true;": ("`|` is no operator", "Write `||`."),
    "allow read: if id instanceof string;": ("`instanceof` is no operator", "`value is string`"),
    "allow read: if id == 'x;": ("A text does not end on its line", "the quote that opened it"),
    "allow read: if id == \u2018x\u2019;": ("typographic quote", "plain quotes"),
    "allow read: if id.exists(x => x == 1);": ("no functions without a name", "hasAny()"),
    "allow read: true;": ("`if` is missing after the colon", "allow read: if condition;"),
    "allow read if true;": ("A colon is missing before `if`", "allow read: if condition;"),
    "let x = 1;": ("`let` cannot stand here", "at the beginning of a function"),
    "function f() { true }": ("`return` is missing", "return expression;"),
    "function f() { var x = 1; return x; }": ("A function is one expression", "Write `let x = …;`."),
    "function f() { if (true) { return 1; } else { return 2; } }": (
        "A function is one expression",
        "return condition ? one : other;",
    ),
    "match a/{b} { allow read; }": ("A path is missing after `match`", "begins with a slash"),
    "match /a/$(b) { allow read; }": ("`{` is missing after the path", "wildcards are written {name}"),
    "match /a allow read; }": ("`{` is missing after the path", "`match /users/{uid} { … }`"),
    "allow read: if id.matches('[');": ("This is not a regular expression", "RE2"),
    "allow read: if id is number2;": ("number2", ""),
}


@pytest.mark.parametrize(("line", "told"), MISTAKES.items(), ids=range(len(MISTAKES)))
def test_one_message_says_what_to_write(line: str, told: tuple[str, str]) -> None:
    """A single error, at the line of the mistake: nothing that follows from it is reported."""
    text = f"{HEAD}    match /notes/{{id}} {{\n      {line}\n      allow write: if false;\n    }}\n{TAIL}"
    parsed = parse(text, is_pattern=lambda pattern: pattern != "[")
    errors = [each for each in parsed.diagnostics if each.severity is Severity.ERROR]
    assert parsed.ruleset is None
    assert [each.span.line for each in errors] == [5]
    assert told[0] in errors[0].message
    assert told[1] in errors[0].hint


def test_several_mistakes_are_reported_in_one_run() -> None:
    text = (
        f"{HEAD}    match /a/{{b}} {{\n      allow read: if b = 'x';\n      allow write: if b and true;\n    }}\n"
        f"    match c {{\n      allow read;\n    }}\n    match /d/{{e}} {{ allow read: if true; }}\n{TAIL}"
    )
    errors = [each for each in parse(text).diagnostics if each.severity is Severity.ERROR]
    assert [each.span.line for each in errors] == [5, 6, 8]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The file has no `service`"),
        ("servce cloud.firestore {}", "`function` or `service` is expected in the file"),
        ("service { }", "The name of the service is missing"),
        ("service cloud.firestore { match /a/{b} { allow read; }", "`}` is missing at the end of a service"),
        ("rules_version = 2;\nservice cloud.firestore { match /a/{b} { allow read; } }", "quoted string"),
    ],
)
def test_whole_files(text: str, message: str) -> None:
    assert message in parse(text).diagnostics[0].message
