"""Tells the log how runs go on, with the numbers that other records name them by."""

from __future__ import annotations

import logging
from dataclasses import asdict

from p2c.integrator.outcome import LegRun

_log = logging.getLogger("p2c.run")


class RunLog:
    """Watches a run and logs each leg's start and end."""

    def leg_started(self, leg: LegRun) -> None:
        """A leg begins."""
        _log.info("leg started", extra=_names(leg))

    def leg_expects(self, leg: LegRun, rows: int) -> None:
        """How many rows were read is told at the end."""

    def leg_noticed(self, leg: LegRun, what: str) -> None:
        """Something that people should know."""
        _log.warning("leg noticed", extra={**_names(leg), "what": what})

    def leg_advanced(self, leg: LegRun) -> None:
        """Batches are too many to be logged."""

    def leg_finished(self, leg: LegRun) -> None:
        """A leg has ended."""
        how = {"status": leg.status.value, "counts": asdict(leg.counts), "seconds": round(leg.seconds, 3)}
        _log.info("leg ended", extra={**_names(leg), **how})


def _names(leg: LegRun) -> dict[str, object]:
    return {"run": leg.run, "leg_run": leg.id, "project": leg.project, "task": leg.task, "leg": leg.leg}
