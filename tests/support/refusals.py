"""What an answer says when it refuses."""

from typing import Any


def code_of(answer: Any) -> str:
    """The code of a refusal."""
    return str(answer.get_json()["error"]["code"])


def refusal(answer: Any) -> tuple[int, str]:
    """The status and the code of a refusal."""
    return answer.status_code, code_of(answer)
