"""What the official compiler says about a source, with the places that its API tells: as recorded from 1.19.9."""

from firewarden.rules.issues import Issue, issues_of

OLD = "Ruleset uses old version (version [1]). Please update to the latest version (version [2])."
INCOMPARABLE = "The sub-expressions are not comparable, so this comparison will always return false."


def test_a_finding_covers_the_token_it_points_to() -> None:
    """Offsets count from 0, and the last one is inside."""
    text = (
        "rules_version = '2';\n"
        "service cloud.firestore { match /a/{b} { allow get: if 'é😀' == 1 && b.matches('a', 1) && \n"
        "\tmath.abs('a') == 1 && [1,2][b] == b; }\n}\n"
    )
    assert issues_of(text) == (
        Issue(2, 61, 81, 82, "WARNING", INCOMPARABLE),
        Issue(2, 71, 91, 97, "WARNING", "Incorrect number of arguments supplied to function: matches."),
        Issue(3, 11, 121, 123, "WARNING", "Invalid type. Received one of [string]. Expected one of [int, float]."),
    )


def test_what_concerns_the_whole_file_has_no_line() -> None:
    """We point to its first word."""
    text = "service cloud.firestore {\n  match /a/{b} { allow get: if nope(); }\n}\n"
    assert issues_of(text) == (
        Issue(0, 0, 0, 6, "WARNING", OLD),
        Issue(2, 32, 57, 60, "WARNING", "Invalid function name: nope."),
    )


def test_what_is_refused_is_told_as_errors() -> None:
    (found,) = issues_of("rules_version = '3';\nservice cloud.firestore { match /a/{b} { allow get; } }")
    assert (found.severity, found.line, found.description) == ("ERROR", 1, "Unsupported rules version 3.")
