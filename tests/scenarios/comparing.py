"""Comparing both sides of a project as it stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from p2c.integrator.reconcile import Finding, LegComparison, reconcile
from p2c.integrator.reconcile.report import Write
from tests.lab import Reach


@dataclass
class Heard:
    """All that a comparison tells."""

    findings: list[tuple[int, Finding]] = field(default_factory=list)
    read: int = 0
    write: Write | None = None

    def leg_started(self, comparison: LegComparison) -> None:
        """A leg begins."""

    def leg_advanced(self, read: int) -> None:
        """Rows so far."""
        self.read = read

    def found(self, comparison: LegComparison, finding: Finding) -> None:
        """A finding, with its leg."""
        self.findings.append((comparison.leg.leg, finding))
        if self.write is not None:
            self.write(comparison, finding)

    def leg_finished(self, comparison: LegComparison) -> None:
        """A leg ends."""


def compared(lab: Reach, project: str, *, task: str = "", company: str = "") -> tuple[list[LegComparison], Heard]:
    """Both sides of a project: the legs, and what was told."""
    heard = Heard()
    work = reconcile(lab.store, lab.store.project(project), heard, task=task, company=company)
    return lab.wait(work), heard
