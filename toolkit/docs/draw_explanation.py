"""Draws `explanation.svg`, the picture of an explanation: `python toolkit/docs/draw_explanation.py`.

The same bytes every time: the example's rules, request and time are fixed, the colours are those of the terminal text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path

from firewarden.rules import Get, Request, auth_of, compile_rules
from firewarden.rules.explain import explain
from firewarden.values import Timestamp

PICTURE = Path(__file__).with_name("explanation.svg")
RULES = """\
rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    function isMember() {
      return request.auth != null && request.auth.token.role in ['member', 'admin'];
    }
    match /events/{event} {
      allow get: if isMember() && resource.data.visibility == 'members'
        || request.auth.uid in resource.data.invited;
    }
  }
}
"""
COMMAND = "firewarden rules explain --as ana --claim role=guest --op get --path events/e1 --documents stored.json"
STORED: Mapping[tuple[str, ...], Mapping[str, object]] = {("events", "e1"): {"visibility": "members"}}
COLORS = {"": "#d8dee9", "32": "#8fd694", "31": "#ff7b86", "1": "#ffffff", "2": "#7f8a9c", "36": "#7fd1e8"}
MARGIN, LINE_HEIGHT, CHARACTER_WIDTH = 20, 21, 8.4


def drawn() -> str:
    """The whole picture."""
    lines = [f"\x1b[2m$\x1b[0m {COMMAND}", *_explained().splitlines()]
    width = 2 * MARGIN + CHARACTER_WIDTH * max(len(re.sub(r"\x1b\[\d+m", "", line)) for line in lines)
    height = 2 * MARGIN + LINE_HEIGHT * len(lines)
    body = "\n".join(_line(line, MARGIN + LINE_HEIGHT * (number + 0.75)) for number, line in enumerate(lines))
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" role="img" aria-label="A denial, explained">
<rect width="100%" height="100%" rx="8" fill="#1b2028"/>
<g font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" xml:space="preserve">
{body}
</g>
</svg>
"""


def _explained() -> str:
    auth = auth_of({"sub": "ana", "role": "guest"})
    request = Request(operation=Get(paths=(("events", "e1"),)), time=Timestamp(0), auth=auth)
    return explain(compile_rules(RULES), request, STORED.get).text(color=True)


def _line(line: str, top: float) -> str:
    """Each colored stretch stands at its own column, so that carets fit whatever font there is."""
    parts, column, color = [], 0, ""
    for stretch in re.split(r"(\x1b\[\d+m)", line):
        if stretch.startswith("\x1b"):
            color = "" if stretch == "\x1b[0m" else stretch[2:-1]
        elif stretch:
            weight = ' font-weight="bold"' if color == "1" else ""
            left, length = MARGIN + CHARACTER_WIDTH * column, CHARACTER_WIDTH * len(stretch)
            parts.append(
                f'<text x="{left:.1f}" y="{top:.1f}" textLength="{length:.1f}" fill="{COLORS[color]}"{weight}>'
                f"{escape(stretch)}</text>"
            )
            column += len(stretch)
    return "".join(parts)


if __name__ == "__main__":
    PICTURE.write_text(drawn(), encoding="utf-8")
