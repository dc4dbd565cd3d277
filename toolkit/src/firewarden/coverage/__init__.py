"""Coverage of security rules: what every expression of them came to, counted and shown.

    recorder = Recorder()
    recorder.record(rules, request, read)
    print(as_text(summary(recorder.report(rules))))

No I/O: who decides requests tells the recorder, and who wants a file writes it.
"""

from firewarden.coverage.evaluations import evaluations
from firewarden.coverage.lcov import as_lcov
from firewarden.coverage.page import as_page
from firewarden.coverage.recorder import Recorder
from firewarden.coverage.report import Expression, Report, Seen, chosen, merged, read_report
from firewarden.coverage.summary import Condition, Part, Summary, summary
from firewarden.coverage.text import as_text

__all__ = [
    "Condition",
    "Expression",
    "Part",
    "Recorder",
    "Report",
    "Seen",
    "Summary",
    "as_lcov",
    "as_page",
    "as_text",
    "chosen",
    "evaluations",
    "merged",
    "read_report",
    "summary",
]
