"""What is wrong with a template: every problem with its file, line and way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from p2c.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """One thing to mend. `code` is the validation code that the real Data Integrator shows for it, or ""."""

    file: str
    line: int
    what: str
    way_out: str = ""
    code: str = ""

    def __str__(self) -> str:
        code = f" ({self.code})" if self.code else ""
        way_out = f"; {self.way_out}" if self.way_out else ""
        return f"{self.file or 'template'}:{self.line}: {self.what}{code}{way_out}"


class TemplateError(ConfigurationError):
    """A template cannot be used. `problems` has all that was found, in the order of the lines."""

    def __init__(self, problems: Sequence[TemplateProblem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.file, problem.line)))
        super().__init__("\n".join(str(problem) for problem in self.problems))
