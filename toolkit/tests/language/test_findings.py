"""What is wrong or doubtful about a file, in the official compiler's words, as Google's emulator 1.19.9 was asked."""

import pytest

from firewarden.language import parse

SERVICE = "service cloud.firestore { match /a/{b} { allow get; } }"
FILES: dict[str, tuple[str, list[str]]] = {
    "a version that does not exist ends the checks, however wrong the rest is": (
        ("rules_version = '3';\nservice cloud.firestore { match /a/{math} { allow get: if 1 == 'a'; } }"),
        ["L1:1 Unsupported rules version 3."],
    ),
    "a service stands in a file once": (
        (
            "rules_version = '2';\n"
            "service cloud.firestore { match /a/{b} { allow get; } }\n"
            "service cloud.firestore { match /c/{d} { allow get; } }"
        ),
        ["L3:9 Duplicate service name declaration."],
    ),
    "functions of the file are outside of every service": (
        (
            "rules_version = '2';\n"
            "function f(a) { return get(a) != null && exists(a) && debug(a) == a; }\n"
            "service cloud.firestore { match /a/{b} { allow get: if f(/a/$(b)); } }"
        ),
        [
            "L2:24 Call to service function 'get' occurs outside of defining scope.",
            "L2:42 Call to service function 'exists' occurs outside of defining scope.",
        ],
    ),
    "what no service leads to knows no service function": (
        (
            "rules_version = '2';\n"
            "function f(a) { return get(a) != null; }\n"
            "service cloud.firestore { match /a/{b} { allow get; } }"
        ),
        ["L2:10 Unused function: f.", "L2:24 Invalid function name: get."],
    ),
    "version 1 has no variables": (
        (
            "service cloud.firestore { match /a/{b} {\n"
            "  function f(a) { let c = a; return c == 1; }\n"
            "  allow get: if f(b);\n"
            "} }"
        ),
        [
            "L0:0 Ruleset uses old version (version [1]). Please update to the latest version (version [2]).",
            'L2:23 Let bindings are not allowed in rules_version="1";',
        ],
    ),
    "in version 1 nothing stands inside a match of any depth": (
        ("service cloud.firestore { match /a/{b=**} {\n  match /c/{d} { allow get; }\n} }"),
        [
            "L0:0 Ruleset uses old version (version [1]). Please update to the latest version (version [2]).",
            "L1:27 Glob(**) resource rules should not have child resource rules.",
        ],
    ),
    "in version 1 a wildcard of any depth comes last": (
        "service cloud.firestore { match /{a=**}/b/{c} { allow get; } }",
        [
            (
                "L1:33 Invalid glob match expression. Glob matches are permitted as the last segment in a match "
                "declaration path."
            )
        ],
    ),
}
BODIES: dict[str, tuple[str, list[str]]] = {
    "a path has one wildcard of any depth": (
        "match /{a=**}/b/{c=**} { allow get; }",
        [("L4:16 Invalid glob match expression. Only one glob match is permitted in a match declaration path.")],
    ),
    "so have the paths of nested matches together": (
        "match /a/{b=**} { match /c/{d=**} { allow get; } }",
        [("L4:19 Invalid glob match expression. Only one glob match is permitted in a match declaration path.")],
    ),
    "a path captures a name once": (
        "match /a/{b}/c/{b} { allow get; }",
        ["L4:17 Variable b already exists in the PathTemplate."],
    ),
    "so does a path that is a value": (
        "match /a/{b} { allow get: if /a/{x}/{x} == b; }",
        ["L4:38 Variable x already exists in the PathTemplate."],
    ),
    "inner matches may capture it again": ("match /a/{b} { match /c/{b} { allow get: if b == ''; } }", []),
    "a star after the equals sign is an ordinary capture": ("match /a/{b=*} { allow get: if b == ''; }", []),
    "a function has seven parameters at most": (
        (
            "function f(a, b, c, d, e, f, g, h) { return [a, b, c, d, e, f, g, h] == []; }\n"
            "match /a/{b} { allow get: if f(1, 2, 3, 4, 5, 6, 7, 8); }"
        ),
        ["L4:10 Maximum allowed function arguments of 7 for function f is reached."],
    ),
    "a parameter is named once, and its uses are those of the first of its name": (
        ("function f(a, b, a) { return a && b; }\nmatch /a/{b} { allow get: if f(1, true, 2); }"),
        ["L4:18 Variable a is already defined.", "L5:32 Invalid type. Received one of [int]. Expected one of [bool]."],
    ),
    "parameters of one name are unused together": (
        ("function f(a, a) { return true; }\nmatch /a/{b} { allow get: if f(1, 2); }"),
        ["L4:12 Unused variable: a.", "L4:15 Unused variable: a.", "L4:15 Variable a is already defined."],
    ),
    "functions may not call each other in a circle": (
        (
            "function f(a) { return g(a); }\n"
            "function g(a) { return h(a); }\n"
            "function h(a) { return g(a); }\n"
            "match /a/{b} { allow get: if f(b); }"
        ),
        ["L5:10 Detected a call cycle between [g,h] functions."],
    ),
    "nor themselves": (
        ("function f(a) { return f(a); }\nmatch /a/{b} { allow get: if f(b); }"),
        ["L4:10 Recursive call is not allowed."],
    ),
    "an error in parentheses is where they begin if they hold the least integer": (
        ("match /a/{b} {\n  allow get: if !(-9223372036854775808);\n  allow list: if !(-9223372036854775807);\n}"),
        [
            "L5:18 Invalid type. Received one of [int]. Expected one of [bool].",
            "L6:20 Invalid type. Received one of [int, float, duration]. Expected one of [bool].",
        ],
    ),
}
SYNTAX: dict[str, tuple[str, list[str]]] = {
    "modules are refused, each where its statement begins": (
        ("rules_version = '2';\nimport 'a';\nimport 'it\\'s' as c;\nSERVICE"),
        [
            "L2:1 Import statements are not allowed.",
            'L2:1 Module "a" is not part of the standard library.',
            'L3:1 Module "it\'s" is not part of the standard library.',
        ],
    ),
    "an alias is introduced by the word `as`, which is no keyword": (
        ("import 'a' is b;\nimport 'c' of d;\nSERVICE"),
        ["L1:12 Unexpected 'is'.", "L2:12 Import statement with alias must use the format 'as <alias>'"],
    ),
    "another word in its place is still read": (
        ("import 'c' of d;\nSERVICE"),
        [
            "L1:1 Import statements are not allowed.",
            'L1:1 Module "c" is not part of the standard library.',
            "L1:12 Import statement with alias must use the format 'as <alias>'",
        ],
    ),
    "an alias must follow it": (("import 'a' as;\nSERVICE"), ["L1:14 missing IDENTIFIER at ';'"]),
    "a keyword names no service": (
        "service match { match /a/{b} { allow get; } }",
        ["L1:9 Cannot use keyword as service name."],
    ),
    "but `let` does, and there is no such service": (
        ("rules_version = '2';\nservice let { match /a/{b} { allow get; } }"),
        ["L2:36 Invalid method name: get.", "L2:9 Invalid service name: let."],
    ),
    "every type is judged, also beside errors of syntax": (
        (
            "service cloud.firestore { match /a/{b} {\n"
            "  allow get: if b is string;\n"
            "  allow list: if b is text;\n"
            "  allow create: if );\n"
            "} }"
        ),
        [
            (
                "L3:27 An unsupported type identifier was used with the 'is' operator. Received text. Expected "
                "one of "
                "bool,bytes,constraint,duration,float,int,latlng,list,vector,set,number,map,string,timestamp,path,map_diff"
            ),
            "L4:20 Missing conditional expression after 'if'.",
            "L4:20 Unexpected ')'.",
        ],
    ),
    "a parenthesis too many behind the parameters": (
        ("rules_version = '2';\nfunction f(a)) { return a; }\nSERVICE"),
        ["L2:14 Extra closing ')' at the end of parameter list."],
    ),
    "a slash alone is no path": (
        ("rules_version = '2';\nservice cloud.firestore { match /a/{b} { allow get: if /; } }"),
        ["L2:56 Forward slash '/' found where identifier or binding expected."],
    ),
}


def official(text: str) -> list[str]:
    return sorted(str(each) for each in parse(text).official)


def inside(body: str, version: str = "rules_version = '2';\n") -> str:
    """A file whose fourth line is the body's first."""
    return f"{version}service cloud.firestore {{\n  match /databases/{{d}}/documents {{\n{body}\n  }}\n}}\n"


@pytest.mark.parametrize(("text", "told"), FILES.values(), ids=FILES)
def test_of_a_whole_file(text: str, told: list[str]) -> None:
    assert official(text) == told


@pytest.mark.parametrize(("body", "told"), BODIES.values(), ids=BODIES)
def test_of_matches_and_functions(body: str, told: list[str]) -> None:
    assert official(inside(body)) == told


@pytest.mark.parametrize(("text", "told"), SYNTAX.values(), ids=SYNTAX)
def test_of_the_syntax(text: str, told: list[str]) -> None:
    assert official(text.replace("SERVICE", SERVICE)) == told
