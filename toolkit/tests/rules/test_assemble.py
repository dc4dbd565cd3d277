"""Fragments in, one deployable file out."""

import itertools

import pytest

from firewarden.rules import Assembly, Fragment, Origin, assemble

SHARED = Fragment("rules/shared.rules", "\nfunction signedIn() {\n  return request.auth != null;\n}\n\n")
EVENTS = Fragment(
    "rules/events.rules",
    """\
// Who may read an event: { is no bracket here, and neither is ' a quote.
match /events/{id} {
  /* nor } here */
  allow read: if resource.data.title.matches('a{2}//x') && "}" != '"'
    && get(/databases/$(database)/documents/users/$(request.auth.uid)).data.ok;

  match /rsvps/{uid=**} { allow write: if signedIn(); }
}
match /{path=**}/rsvps/{uid} { allow read: if signedIn(); }
""",
)

ASSEMBLED = """\
// Assembled from rules/*.rules by `firewarden rules build`; edit those, not this file.
rules_version = '2';

service cloud.firestore {
  match /databases/{database}/documents {
    // ---- rules/shared.rules ---------------------------------------------------------------------
    function signedIn() {
      return request.auth != null;
    }

    // ---- rules/events.rules ---------------------------------------------------------------------
    // Who may read an event: { is no bracket here, and neither is ' a quote.
    match /events/{id} {
      /* nor } here */
      allow read: if resource.data.title.matches('a{2}//x') && "}" != '"'
        && get(/databases/$(database)/documents/users/$(request.auth.uid)).data.ok;

      match /rsvps/{uid=**} { allow write: if signedIn(); }
    }
    match /{path=**}/rsvps/{uid} { allow read: if signedIn(); }
  }
}
"""


def test_the_assembled_file_is_exactly_this() -> None:
    assert assemble([EVENTS, SHARED]).text == ASSEMBLED


def test_the_order_of_reading_does_not_matter() -> None:
    """shared.rules comes first, the rest by name."""
    fragments = [SHARED, EVENTS, Fragment("rules/users.rules", "match /users/{uid} { allow get; }")]
    texts = {assemble(order).text for order in itertools.permutations(fragments)}
    assert len(texts) == 1
    (text,) = texts
    assert text.index("shared.rules") < text.index("events.rules") < text.index("users.rules")


@pytest.mark.parametrize("mangle", [lambda text: text.replace("\n", "\r\n"), lambda text: "\ufeff" + text])
def test_line_ends_and_byte_order_marks_do_not_matter(mangle: object) -> None:
    assert callable(mangle)
    mangled = [Fragment(fragment.path, mangle(fragment.text)) for fragment in (SHARED, EVENTS)]
    assert assemble(mangled).text == ASSEMBLED


def test_every_line_knows_where_it_was_written() -> None:
    assembly = assemble([SHARED, EVENTS])
    sources = {fragment.path: fragment.text.split("\n") for fragment in (SHARED, EVENTS)}
    lines = assembly.text.splitlines()
    assert len(assembly.origins) == len(lines)
    known = [
        (line, origin) for number, line in enumerate(lines, start=1) if (origin := assembly.origin(number)) is not None
    ]
    assert len(known) == 12
    assert all(line.strip() == sources[origin.path][origin.line - 1].strip() for line, origin in known)
    assert assembly.origin(lines.index("      return request.auth != null;") + 1) == Origin("rules/shared.rules", 3)


@pytest.mark.parametrize("line", [0, 1, 2, 6, 10_000])
def test_added_lines_come_from_nowhere(line: int) -> None:
    assert assemble([SHARED]).origin(line) is None


def test_the_header_names_the_sources() -> None:
    assert assemble([SHARED], sources="security/*.rules").text.startswith("// Assembled from security/*.rules by")


def faults(*texts: str) -> list[str]:
    names = ("a", "b", "c")
    assembly = assemble(Fragment(f"rules/{name}.rules", text) for name, text in zip(names, texts, strict=False))
    assert assembly == Assembly(text="", faults=assembly.faults, origins=())
    return [str(fault) for fault in assembly.faults]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rules_version = '2';", ":1: rules_version belongs to the assembled file"),
        ("rules_version = '2'", ":1: rules_version belongs to the assembled file"),
        ("\nservice cloud.firestore {\n}\n", ":2: the service block is added"),
        ("allow read: if true;", ":1: an allow statement must stand inside a match block"),
        ("let x = 1;", ":1: a let statement must stand inside a function"),
        ("return true;", ":1: a return statement must stand inside a function"),
        ("\n\nhello world;", ":3: only functions, matches and comments may stand here, found 'hello'"),
        ("{ }", ":1: only functions, matches and comments may stand here, found '{'"),
        ("match /a/{b} {\n  allow read;\n", ":1: this '{' is never closed"),
        ("match /a/{b} {\n  allow read: if (true;\n}\n", ":3: '}' does not close the '(' of line 2"),
        ("function f() { return true; }\n}\n", ":2: '}' closes nothing"),
        ("match /a/{b} {\n  allow read: if 'x;\n}\n", ":2: this string is not closed on its line: 'x;"),
        ("// fine\n/* never\nclosed", ":2: this comment is never closed"),
        ("function f()", ":1: 'function f' is not a complete declaration"),
    ],
)
def test_a_mistake_is_refused_with_its_place(text: str, expected: str) -> None:
    (fault,) = faults(text)
    assert f"rules/a.rules{expected}" in fault


def test_a_function_may_be_defined_once_in_all_fragments() -> None:
    again = "match /a/{b} { allow read; }\nfunction f() { return 1 == 1; }\n"
    assert faults("function f() { return true; }", again) == [
        "rules/b.rules:2: function f is already defined at rules/a.rules:1; rename or share one"
    ]


def test_functions_inside_matches_have_their_own_names() -> None:
    inner = "match /a/{b} { function f() { return true; } allow read: if f(); }\n"
    assert assemble([Fragment("a.rules", inner), Fragment("b.rules", inner)]).faults == ()


def test_all_mistakes_are_told_at_once() -> None:
    assert len(faults("allow read;\nservice x {}", "}", "match /a/{b} {")) == 4


def test_nothing_to_assemble_is_a_mistake() -> None:
    assert faults() == ["rules/*.rules: no rules fragments found; write at least one file such as shared.rules"]
