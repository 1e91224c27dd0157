"""Who hears how a run goes on."""

from __future__ import annotations

from typing import Protocol

from p2c.integrator.outcome import LegKey, LegRun, Status


class Watcher(Protocol):
    """Hears how a run goes on; called between batches, must be quick."""

    def leg_started(self, leg: LegRun) -> None:
        """A leg begins; its counts are zero. Whatever happens, it is told when it has ended."""

    def leg_expects(self, leg: LegRun, rows: int) -> None:
        """The source has told how many rows will be read."""

    def leg_noticed(self, leg: LegRun, what: str) -> None:
        """Something that people should know, although the leg goes on."""

    def leg_advanced(self, leg: LegRun) -> None:
        """A batch is recorded; the counts are the totals so far."""

    def leg_finished(self, leg: LegRun) -> None:
        """A leg has ended, with its status."""


def shown_leg(key: LegKey, source: str, destination: str, *, number: int = 0, run: int = 0) -> LegRun:
    """A leg that begins, as a watcher sees it; the ends are `<environment>.<entity set>`."""
    return LegRun(
        id=number,
        run=run,
        project=key.project,
        task=key.task,
        leg=key.leg,
        source=source,
        destination=destination,
        status=Status.RUNNING,
    )
