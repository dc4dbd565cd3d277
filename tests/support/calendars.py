"""Calendar text for tests of the import: a VCALENDAR around components, and a VEVENT from a few lines."""


def calendar_text(*components: str, head: str = "") -> str:
    """A VCALENDAR around components; lines may be indented as the test likes."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", *head.splitlines()]
    for component in components:
        lines += component.splitlines()
    return "\r\n".join(line.strip() for line in [*lines, "END:VCALENDAR"] if line.strip()) + "\r\n"


def event_text(*lines: str, uid: str = "one") -> str:
    """A VEVENT with a title and a start unless the lines give them."""
    given = [line for one in lines for line in one.splitlines() if line.strip()]
    names = {line.strip().partition(":")[0].partition(";")[0] for line in given}
    defaults = [("UID", f"UID:{uid}"), ("SUMMARY", "SUMMARY:Talk"), ("DTSTART", "DTSTART:20300107T180000Z")]
    filled = [text for name, text in defaults if name not in names]
    return "\n".join(["BEGIN:VEVENT", *filled, *given, "END:VEVENT"])
