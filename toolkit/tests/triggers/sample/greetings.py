"""A module beside main.py."""


def greeting(name: str) -> str:
    """Return what to say."""
    return f"hello {name}"
