"""Help, versions and refusals of the command as a whole."""

from importlib.metadata import version

import pytest

from toolkit.tests.cli.conftest import Run


def test_the_version_is_the_packages(firewarden: Run) -> None:
    result = firewarden("--version")
    assert (result.returncode, result.stdout) == (0, f"firewarden {version('firewarden')}\n")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "Exit codes: 0 fine, 1 findings, 2 could not run."),
        (("rules", "build"), "firewarden rules build --check"),
        (("functions", "serve"), "firewarden functions serve --engine firewarden"),
        (("emulator",), "firewarden emulator --port 0"),
    ],
)
def test_help_ends_with_what_one_needs(firewarden: Run, arguments: tuple[str, ...], expected: str) -> None:
    result = firewarden(*arguments, "--help")
    assert result.returncode == 0
    assert expected in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "required: COMMAND"),
        (("cook",), "invalid choice: 'cook'"),
        (("functions", "serve", "--port", "http"), "'http' is not a port: a number from 0 to 65535"),
        (("functions", "serve", "--port", "65536"), "'65536' is not a port"),
        (("functions", "serve", "--firestore", "8080"), "'8080' is not HOST:PORT, such as 127.0.0.1:8080"),
        (("functions", "serve", "--retry-backoff", "5"), "'5' is not FIRST:LONGEST in seconds"),
        (("functions", "serve", "--retry-backoff", "5:1"), "the first wait is longer than the longest"),
        (("functions", "serve", "--retry-backoff", "a:1"), "'a' is not a number of seconds"),
        (("functions", "serve", "--retry-window", "-1"), "'-1' is not a number of seconds"),
        (("functions", "serve", "--workers", "0"), "'0' is not a whole number from 1"),
    ],
)
def test_wrong_arguments_are_refused_with_a_reason(firewarden: Run, arguments: tuple[str, ...], message: str) -> None:
    result = firewarden(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
