"""The numbers of a leg's run, in and out of the database."""

from __future__ import annotations

from dataclasses import asdict

import msgspec
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from p2c.errors import StopError
from p2c.integrator.outcome import Progress
from p2c.integrator.store.tables import COUNTED, MEASURED, STEPS, TIMED

_NUMBERS = (*COUNTED, *MEASURED, *TIMED, *STEPS.values())
_WRITE = text(
    "UPDATE leg_run SET "
    + ", ".join(f"{name} = :{name}" for name in _NUMBERS)
    + ", skipped_because = CAST(:skipped_because AS jsonb) WHERE id = :leg_run AND status = 'running'"
)


class TakenOverError(StopError):
    """The run counts as dead, and another one goes on in its place."""

    def __init__(self, run: str) -> None:
        super().__init__(
            "another run of the project has begun meanwhile: this one had lost its database, and with it its lock",
            where=run,
            way_out="nothing is to be done: the other run goes on from what this one had recorded",
        )


def write_progress(connection: Connection, leg_run: int, progress: Progress) -> None:
    """
    Keep the totals of a leg.

    Raises:
        StopError: The counts do not add up. The database checks it, whoever writes.
        TakenOverError: The leg's run does not go any more.
    """
    values = {
        **asdict(progress.counts),
        **{name: getattr(progress, name) for name in (*MEASURED, *TIMED)},
        **{column: getattr(progress.steps, name) for name, column in STEPS.items()},
        "skipped_because": msgspec.json.encode(dict(progress.skipped_because)).decode(),
        "leg_run": leg_run,
    }
    try:
        written = connection.execute(_WRITE, values).rowcount
    except IntegrityError as error:
        counts = progress.counts
        raise StopError(
            f"{counts.read} rows read are not {counts.created} created + {counts.updated} updated + "
            f"{counts.unchanged} unchanged + {counts.skipped} skipped + {counts.rejected} rejected",
            where=f"leg run {leg_run}",
            way_out="nothing of this batch was kept; run again, and report it",
        ) from error
    if not written:
        raise TakenOverError(f"leg run {leg_run}")
