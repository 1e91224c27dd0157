"""The history of runs, and who may run now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import fields
from datetime import datetime

from sqlalchemy import Connection, Row, text

from p2c.errors import ConfigurationError
from p2c.integrator.outcome import CarriedParts, Cause, Counts, LegKey, LegRun, Progress, Run, Status, Versions
from p2c.integrator.store.endings import endings_of, note_endings, status_of
from p2c.integrator.store.locks import advisory_lock
from p2c.integrator.store.lost_fields import fields_filled
from p2c.integrator.store.parts import carried_parts, end_divisions
from p2c.integrator.store.progress import TakenOverError, progress_of, write_progress
from p2c.integrator.store.totals import add_totals
from p2c.integrator.store.transactions import Transactions

_ABANDON_LEGS = text(
    "UPDATE leg_run SET status = 'error', error = :error FROM run "
    "WHERE run.id = run_id AND run.status = 'running' AND leg_run.status = 'running' "
    "AND run.projects && CAST(:projects AS text[])"
)
_ABANDON = text(
    "UPDATE run SET status = 'error', error = :error, cause = 'interrupted', finished_at = :now "
    "WHERE status = 'running' AND projects && CAST(:projects AS text[]) RETURNING id, projects"
)
_BEGIN = text(
    "INSERT INTO run (projects, started_at, started_by, all_data, status, error) "
    "VALUES (CAST(:projects AS text[]), :now, :by, :all_data, 'running', '') RETURNING *"
)
_BEGIN_LEG = text(
    "INSERT INTO leg_run (run_id, leg_id, source, destination, status, checkpoint_before, "
    "project_version, template, template_version) "
    "SELECT :run, id, :source, :destination, 'running', checkpoint, :project_version, :template, :template_version "
    "FROM leg WHERE id = :leg AND EXISTS (SELECT FROM run WHERE id = :run AND status = 'running') RETURNING id"
)
_FINISH_LEG = text(
    "UPDATE leg_run SET status = :status, error = :error, checkpoint_after = :checkpoint WHERE id = :id "
    "RETURNING leg_id"
)
_SET_CHECKPOINT = text("UPDATE leg SET checkpoint = :checkpoint WHERE id = :leg")
_CHECKPOINT = text("SELECT checkpoint FROM leg WHERE id = :leg")
_END_LEGS = text("UPDATE leg_run SET status = 'error', error = :error WHERE run_id = :run AND status = 'running'")
_NOTE = text("UPDATE run SET notes = notes || CAST(:notes AS text[]) WHERE id = :run")
_FINISH = text(
    "UPDATE run SET status = :status, error = :error, cause = :cause, finished_at = :now WHERE id = :run "
    "AND status = 'running' RETURNING projects"
)
_MANY = 10_000
"""So many new rows of a leg change what PostgreSQL should know of the table when it plans."""
_ANALYZE = text("ANALYZE (SKIP_LOCKED) row_state")
_RUNS = text("SELECT * FROM run ORDER BY id DESC LIMIT :limit")
_RUN = text("SELECT * FROM run WHERE id = :id")
_RUNNING = text("SELECT * FROM run WHERE status = 'running' AND :project = ANY(projects) ORDER BY id DESC LIMIT 1")
_LEGS = text(
    "SELECT r.*, l.project, l.task, l.leg FROM leg_run r JOIN leg l ON l.id = r.leg_id "
    "WHERE run_id = ANY(CAST(:runs AS bigint[])) ORDER BY r.id"
)


UNKNOWN = Versions()


class ProjectIsRunningError(ConfigurationError):
    """The project is being run, here or on another machine; when that run has ended it may run again."""


class Runs(Transactions):
    """Runs and their legs."""

    @contextmanager
    def project_lock(self, *projects: str) -> Iterator[None]:
        """
        No other run of these projects goes meanwhile, on any machine. Holds one database connection.

        Raises:
            ProjectIsRunningError: One of them is running; the run is named.
        """
        with ExitStack() as held:
            for project in sorted(projects):
                if not held.enter_context(advisory_lock(self._engine, f"project {project}")):
                    raise self._is_running(project)
            yield

    def begin_run(self, projects: Sequence[str], started_by: str, all_data: bool, now: datetime) -> Run:
        """A new run. Hold the lock of its projects: runs of them that still count as running have died, and
        are marked as ended by an error."""
        error = "the process ended before the run did; what it delivered stays, the next run goes on"
        values = {
            "projects": list(projects),
            "now": now,
            "by": started_by,
            "all_data": all_data,
            "error": error,
        }
        with self._begin() as connection:
            connection.execute(_ABANDON_LEGS, values)
            end_divisions(connection)
            abandoned = connection.execute(_ABANDON, values).all()
            legs = _legs(connection, [row.id for row in abandoned])
            for row in abandoned:
                add_totals(connection, row.id, endings_of(row.projects, legs[row.id], failed=True))
            return _run(connection.execute(_BEGIN, values).one(), ())

    def note(self, run: int, notes: Sequence[str]) -> None:
        """More that people should know of a run beside how it ended."""
        with self._begin() as connection:
            connection.execute(_NOTE, {"run": run, "notes": list(notes)})

    def begin_leg(self, run: int, leg: LegKey, source: str, destination: str, versions: Versions = UNKNOWN) -> int:
        """The id of a leg's part of a run; remembers the checkpoint that it starts from, and what it runs by.

        `source` and `destination` are `<environment>.<entity set>`.

        Raises:
            TakenOverError: The run does not go any more.
        """
        values = {
            "run": run,
            "leg": self._leg_id(leg),
            "source": source,
            "destination": destination,
            "project_version": versions.project,
            "template": versions.template,
            "template_version": versions.template_version,
        }
        with self._begin() as connection:
            begun = connection.execute(_BEGIN_LEG, values).scalar_one_or_none()
        if begun is None:
            raise TakenOverError(f"run {run}")
        return int(begun)

    def checkpoint(self, leg: LegKey) -> str | None:
        """How far the leg has read its source; None before its first complete run."""
        number = self._leg_id(leg)
        with self._begin() as connection:
            found: str | None = connection.execute(_CHECKPOINT, {"leg": number}).scalar_one()
            return found

    def drop_checkpoint(self, leg: LegKey) -> None:
        """The leg reads everything at its next run."""
        with self._begin() as connection:
            connection.execute(_SET_CHECKPOINT, {"leg": self._leg_id(leg), "checkpoint": None})

    def finish_leg(
        self,
        leg_run: int,
        progress: Progress,
        *,
        error: str = "",
        checkpoint: str | None = None,
        filled: Collection[str] = (),
        shared: bool = False,
    ) -> Status:
        """
        The leg's end: its totals and, when it ended well, its checkpoint, in one transaction. Where it is `shared`,
        `progress` is to be added to the totals. `filled` are lost fields that all its rows have been sent with.

        A leg that ended by an error keeps the checkpoint it started from, so that nothing is missed.

        Raises:
            StopError: The counts do not add up.
            TakenOverError: The leg's run does not go any more.
        """
        reached = None if error else checkpoint
        with self._begin() as connection:
            totals = write_progress(connection, leg_run, progress, adds=shared)
            status = status_of(bool(error), totals.counts)
            values = {"id": leg_run, "status": status.value, "error": error, "checkpoint": reached}
            leg = connection.execute(_FINISH_LEG, values).scalar_one()
            if reached is not None:
                connection.execute(_SET_CHECKPOINT, {"leg": leg, "checkpoint": reached})
                fields_filled(connection, leg, filled)
            if shared:
                end_divisions(connection)
        if totals.counts.created >= _MANY:
            # Until it is told, or finds out by itself after a minute or later, each batch of the next leg or run would
            # scan all rows of its leg.
            with self._begin() as connection:
                connection.execute(_ANALYZE)
        return status

    def finish_run(self, run: int, now: datetime, *, error: str = "", cause: Cause = Cause.NONE) -> Run:
        """The run's end, with the status that follows from its legs. A leg that never ended is an error; an error
        without a `cause` was refused. A run that another one has taken over stays as that one has marked it."""
        with self._begin() as connection:
            connection.execute(_END_LEGS, {"run": run, "error": error or "the leg did not reach its end"})
            end_divisions(connection)
            legs = _legs(connection, [run])[run]
            broken = next((leg for leg in legs if leg.status is Status.ERROR), None)
            if broken is not None and not error:
                error = f"{broken.project}, {broken.task}, leg {broken.leg}: {broken.error}"
            status = status_of(bool(error), sum((leg.counts for leg in legs), Counts()))
            if error and cause is Cause.NONE:
                cause = Cause.REFUSED
            values = {"run": run, "now": now, "status": status.value, "error": error, "cause": cause.value}
            projects = connection.execute(_FINISH, values).scalar_one_or_none()
            endings = endings_of(projects or (), legs, bool(error))
            if projects is not None:
                add_totals(connection, run, endings)
            if cause is not Cause.INTERRUPTED:
                note_endings(connection, run, endings, now)
        return self.run(run)

    def runs(self, limit: int = 20) -> list[Run]:
        """The latest runs with their legs, newest first."""
        with self._begin() as connection:
            rows = connection.execute(_RUNS, {"limit": limit}).all()
            legs = _legs(connection, [row.id for row in rows])
            return [_run(row, legs[row.id]) for row in rows]

    def run(self, number: int) -> Run:
        """One run with its legs.

        Raises:
            ConfigurationError: There is no such run.
        """
        with self._begin() as connection:
            row = connection.execute(_RUN, {"id": number}).one_or_none()
            if row is None:
                raise ConfigurationError(f"there is no run {number}", way_out="`p2c runs` lists them")
            return _run(row, _legs(connection, [number])[number])

    def _is_running(self, project: str) -> ProjectIsRunningError:
        with self._begin() as connection:
            row = connection.execute(_RUNNING, {"project": project}).one_or_none()
        going = f"run {row.id}, started {row.started_at:%Y-%m-%d %H:%M:%S} UTC" if row else "a run that just starts"
        return ProjectIsRunningError(
            f"it is running ({going})", where=f"project {project}", way_out="wait until it ends"
        )


def _legs(connection: Connection, runs: Iterable[int]) -> Mapping[int, list[LegRun]]:
    found: dict[int, list[LegRun]] = defaultdict(list)
    rows = connection.execute(_LEGS, {"runs": list(runs)}).all()
    carried = carried_parts(connection, [row.id for row in rows])
    for row in rows:
        found[row.run_id].append(_leg_run(row, carried.get(row.id, ())))
    return found


def _leg_run(row: Row[tuple[object, ...]], carried_by: Sequence[CarriedParts]) -> LegRun:
    progress = progress_of(row)
    return LegRun(
        id=row.id,
        run=row.run_id,
        project=row.project,
        task=row.task,
        leg=row.leg,
        source=row.source,
        destination=row.destination,
        status=Status(row.status),
        error=row.error,
        versions=Versions(row.project_version, row.template, row.template_version),
        checkpoint_before=row.checkpoint_before,
        checkpoint_after=row.checkpoint_after,
        carried_by=tuple(carried_by),
        **{field.name: getattr(progress, field.name) for field in fields(progress)},
    )


def _run(row: Row[tuple[object, ...]], legs: Iterable[LegRun]) -> Run:
    return Run(
        id=row.id,
        projects=tuple(row.projects),
        started_at=row.started_at,
        finished_at=row.finished_at,
        started_by=row.started_by,
        all_data=row.all_data,
        status=Status(row.status),
        error=row.error,
        notes=tuple(row.notes),
        cause=Cause(row.cause),
        legs=tuple(legs),
    )
