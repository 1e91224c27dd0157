"""The numbers of a leg's run, in and out of the database."""

from __future__ import annotations

from dataclasses import asdict

import msgspec
from sqlalchemy import Connection, Row, text
from sqlalchemy.exc import IntegrityError

from p2c.errors import StopError
from p2c.integrator.outcome import Counts, Progress, Steps
from p2c.integrator.store.tables import COUNTED, MEASURED, STEPS, TIMED

_NUMBERS = (*COUNTED, *MEASURED, *TIMED, *STEPS.values())
_RUNNING = "WHERE id = :leg_run AND status = 'running' RETURNING *"
_WRITE = text(
    "UPDATE leg_run SET "
    + ", ".join(f"{name} = :{name}" for name in _NUMBERS)
    + f", skipped_because = CAST(:skipped_because AS jsonb) {_RUNNING}"
)
_ADD = text(
    "UPDATE leg_run SET "
    + ", ".join(f"{name} = {name} + :{name}" for name in _NUMBERS)
    + ", skipped_because = (SELECT coalesce(jsonb_object_agg(key, number), '{}') FROM ("
    "SELECT key, CAST(sum(CAST(value AS bigint)) AS bigint) AS number FROM ("
    "SELECT * FROM jsonb_each_text(skipped_because) "
    "UNION ALL SELECT * FROM jsonb_each_text(CAST(:skipped_because AS jsonb))) AS told GROUP BY key) AS summed) "
    f"{_RUNNING}"
)


class TakenOverError(StopError):
    """The run counts as dead, and another one goes on in its place."""

    def __init__(self, run: str) -> None:
        super().__init__(
            "another run of the project has begun meanwhile: this one had lost its database, and with it its lock",
            where=run,
            way_out="nothing is to be done: the other run goes on from what this one had recorded",
        )


class PartLostError(StopError):
    """A part of a leg counts as dead, and somebody else carries it."""

    def __init__(self, leg_run: int, number: int) -> None:
        super().__init__(
            "another worker carries this part now: this one had lost its database for too long",
            where=f"leg run {leg_run}, part {number}",
            way_out="nothing is to be done: the other goes on from what this one had recorded",
        )


def write_progress(connection: Connection, leg_run: int, progress: Progress, *, adds: bool = False) -> Progress:
    """
    Keep the totals of a leg, or what is to be added to them where several carry it; the totals now.

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
        written = connection.execute(_ADD if adds else _WRITE, values).one_or_none()
    except IntegrityError as error:
        counts = progress.counts
        raise StopError(
            f"{counts.read} rows read are not {counts.created} created + {counts.updated} updated + "
            f"{counts.unchanged} unchanged + {counts.skipped} skipped + {counts.rejected} rejected",
            where=f"leg run {leg_run}",
            way_out="nothing of this batch was kept; run again, and report it",
        ) from error
    if written is None:
        raise TakenOverError(f"leg run {leg_run}")
    return progress_of(written)


def progress_of(row: Row[tuple[object, ...]]) -> Progress:
    """The numbers in a row of the table of legs' runs."""
    return Progress(
        counts=Counts(**{name: row._mapping[name] for name in COUNTED}),
        skipped_because=row.skipped_because,
        steps=Steps(**{name: row._mapping[column] for name, column in STEPS.items()}),
        **{name: row._mapping[name] for name in (*MEASURED, *TIMED)},
    )
