"""Conditions as Python functions: the quick way to an answer, for conditions in which nothing goes wrong.

    generate(condition, scope, captures, proving=…, counting=…) -> Generated | None

The closures of `rules.compiler` are the law. What is generated here answers only where that takes no error into
account: every operand has the type that is wanted, every field that is read is there. Anything else makes the
generated function raise one of `SURPRISES`, and the closures answer instead. A condition has no side effects but
looking documents up, which may be done twice, so starting over is safe. Errors, absorption, limits and messages
are therefore written once only, there.
"""

from firewarden.rules.codegen.program import Generated, generate
from firewarden.rules.codegen.runtime import SURPRISES

__all__ = ["SURPRISES", "Generated", "generate"]
