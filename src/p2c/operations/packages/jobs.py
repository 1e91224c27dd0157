"""Jobs: executions of a data project, with a state in the database that stays honest when a process dies."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, delete, insert, select, update

from p2c.database.session import Database, Session
from p2c.edm.values import Row
from p2c.odata.packages.errors import PackageError
from p2c.operations.packages.job import Job, JobOrder, Status, Step, Tally
from p2c.operations.packages.published import JOB_ENTITY, JOB_LENGTH
from p2c.operations.packages.storage import PackageTables

SILENT_FOR = timedelta(minutes=2)
"""A running job says after every batch that it lives; one that is silent for so long has died."""
KEPT = timedelta(days=7)
_DIED = "the service stopped while the job ran; run it again"
_ENTITIES = JOB_ENTITY.name


class Jobs:
    """The jobs of one environment."""

    def __init__(self, database: Database, tables: PackageTables) -> None:
        self._database = database
        self._table = tables.job

    def create(
        self,
        project: str,
        operation: str,
        company: str,
        order: JobOrder,
        *,
        step: Step,
        identifier: str = "",
        package: UUID | None = None,
    ) -> Job:
        """
        A new job and its entities; jobs that ended a week ago go on the way.

        Raises:
            PackageError: The identifier is taken, or too long.
        """
        with self._database.begin() as session:
            name = identifier or _identifier(project, session.now)
            if len(name) > JOB_LENGTH:
                raise PackageError(f"the executionId is longer than {JOB_LENGTH} characters; shorten it")
            if self._read(session, name) is not None:
                raise PackageError(f"the execution {name} exists already", way_out="leave executionId empty")
            self._clean(session)
            status = Status.EXECUTING if step is Step.RUNNING else Status.NOT_RUN
            job = Job(name, project, operation, status, step, company, order, "", package)
            session.connection.execute(insert(self._table).values(**_columns(job), **_stamps(session.now)))
            self._add_entities(session, job)
            return job

    def get(self, identifier: str) -> Job:
        """
        A job as it stands; one that has died is told as failed.

        Raises:
            PackageError: There is none.
        """
        with self._database.begin() as session:
            self._bury(session, self._table.c.id == identifier)
            job = self._read(session, identifier)
        if job is None:
            raise PackageError(f"the execution {identifier!r} was not found", way_out="send an executionId of ours")
        return job

    def claim(self, identifier: str) -> Job | None:
        """Take a waiting job for this process; None when another one has it, or it waits no more."""
        with self._database.begin() as session:
            waiting = self._table.c.step.in_([Step.QUEUED.value, Step.STAGED.value])
            job = self._read(session, identifier)
            taken = session.connection.execute(
                update(self._table)
                .where(self._table.c.id == identifier, waiting)
                .values(step=Step.RUNNING.value, status=Status.EXECUTING.value, heartbeat=session.now)
                .returning(self._table.c.id)
            ).first()
            return job if taken is not None else None

    def waiting(self) -> list[str]:
        """Jobs that wait for a worker, oldest first; those that died are told so."""
        with self._database.begin() as session:
            self._bury(session)
            query = select(self._table.c.id).where(self._table.c.step.in_([Step.QUEUED.value, Step.STAGED.value]))
            return list(session.connection.execute(query.order_by(self._table.c.created)).scalars())

    def move(self, identifier: str, step: Step) -> None:
        """Say how far a job is."""
        with self._database.begin() as session:
            self._set(session, identifier, step=step.value, heartbeat=session.now)

    def beat(self, session: Session, identifier: str) -> None:
        """Say in a transaction of the job's work that it lives."""
        self._set(session, identifier, heartbeat=session.now)

    def end(
        self, session: Session, identifier: str, status: Status, message: str = "", package: UUID | None = None
    ) -> None:
        """Close a job."""
        values: dict[str, object] = {"package": package} if package is not None else {}
        self._set(
            session,
            identifier,
            **values,
            status=status.value,
            step=Step.DONE.value,
            message=message,
            ended=session.now,
        )

    def fail(self, identifier: str, message: str) -> None:
        """Close a job that cannot go on; entities that had begun are in error, the others did not run."""
        with self._database.begin() as session:
            self._close_entities(session, [identifier])
            self.end(session, identifier, Status.FAILED, message)

    def repeat(self, identifier: str, order: JobOrder) -> None:
        """Put a job that has ended back into the queue, with its entities as they were before."""
        with self._database.begin() as session:
            job = self._read(session, identifier)
            if job is None or job.step is not Step.DONE:
                raise PackageError(f"the execution {identifier!r} has not ended", way_out="wait for its end")
            rows = session.rows(_ENTITIES, "JobId", [identifier], ["RecId"])
            session.delete(_ENTITIES, [row["RecId"] for row in rows])
            self._set(
                session,
                identifier,
                step=Step.QUEUED.value,
                status=Status.NOT_RUN.value,
                order=msgspec.json.encode(order).decode(),
                message="",
                heartbeat=session.now,
            )
            self._add_entities(session, replace(job, order=order))

    def remove(self, identifier: str) -> None:
        """Forget a job with its staged rows and entities."""
        with self._database.begin() as session:
            self._remove(session, [identifier])

    def entities(self, identifier: str) -> list[Row]:
        """The entities of a job with their states and counts, in the order of the job."""
        with self._database.begin() as session:
            return session.rows(_ENTITIES, "JobId", [identifier])

    def note(
        self, session: Session, identifier: str, entity: str, tally: Tally | None = None, **values: object
    ) -> None:
        """Add to the counts of one entity of a job, and set what else is named."""
        table = session.storage.tables[_ENTITIES]
        counts = tally or Tally()
        added = {
            "StagingRecordsCreatedCount": counts.staged,
            "StagingErrorCount": counts.staging_errors,
            "TargetRecordsCreatedCount": counts.created,
            "TargetRecordsUpdatedCount": counts.updated,
            "TargetErrorCount": counts.target_errors,
        }
        sums = {name: table.c[name] + number for name, number in added.items() if number}
        if sums or values:
            which = (table.c.JobId == identifier) & (table.c.EntityName == entity)
            session.connection.execute(update(table).where(which).values({**sums, **values}))

    def _read(self, session: Session, identifier: str) -> Job | None:
        row = session.connection.execute(select(self._table).where(self._table.c.id == identifier)).mappings().first()
        if row is None:
            return None
        return Job(
            row["id"],
            row["project"],
            row["operation"],
            Status(row["status"]),
            Step(row["step"]),
            row["company"],
            msgspec.json.decode(row["order"], type=JobOrder),
            row["message"],
            row["package"],
        )

    def _set(self, session: Session, identifier: str, **values: object) -> None:
        session.connection.execute(update(self._table).where(self._table.c.id == identifier).values(**values))

    def _bury(self, session: Session, *which: ColumnElement[bool]) -> None:
        """Close jobs that ran and have been silent for too long."""
        table = self._table
        dead = session.connection.execute(
            update(table)
            .where(table.c.step == Step.RUNNING.value, table.c.heartbeat < session.now - SILENT_FOR, *which)
            .values(step=Step.DONE.value, status=Status.FAILED.value, message=_DIED, ended=session.now)
            .returning(table.c.id)
        ).scalars()
        self._close_entities(session, list(dead))

    def _close_entities(self, session: Session, jobs: Sequence[str]) -> None:
        updates: list[Row] = []
        for row in session.rows(_ENTITIES, "JobId", jobs):
            closed: Row = {name: _CLOSED[str(row[name])] for name in _STATES if row[name] in _CLOSED}
            if closed:
                updates.append({"RecId": row["RecId"], "TargetEndDateTime": session.now, **closed})
        session.update(_ENTITIES, updates)

    def _add_entities(self, session: Session, job: Job) -> None:
        numbers = session.take(f"{_ENTITIES}:key", len(job.order.entities))
        defaults = {column.storage: column.default for column in JOB_ENTITY.columns if column.default is not None}
        session.insert(
            _ENTITIES,
            [
                {
                    **defaults,
                    "RecId": number,
                    "JobId": job.id,
                    "DefinitionGroupId": job.project,
                    "EntityName": entity.name,
                    "Company": job.company,
                    "SourceFormat": entity.source_format,
                    "ExecutionUnit": entity.unit,
                    "LevelInExecutionUnit": entity.level,
                    "SequenceInLevel": entity.sequence,
                }
                for number, entity in zip(numbers, job.order.entities, strict=True)
            ],
        )

    def _clean(self, session: Session) -> None:
        table = self._table
        old = select(table.c.id).where(table.c.step == Step.DONE.value, table.c.created < session.now - KEPT)
        self._remove(session, session.connection.execute(old).scalars())

    def _remove(self, session: Session, jobs: Iterable[str]) -> None:
        gone = list(jobs)
        session.connection.execute(delete(self._table).where(self._table.c.id.in_(gone)))
        rows = session.rows(_ENTITIES, "JobId", gone, ["RecId"])
        session.delete(_ENTITIES, [row["RecId"] for row in rows])


_STATES = ("StagingStatus", "TargetStatus")
_CLOSED: Mapping[str, str] = {"Executing": "Error", "NotStarted": "NotRun", "Waiting": "NotRun", "Ready": "NotRun"}


def _identifier(project: str, now: datetime) -> str:
    """A name that sorts by time among those of its project."""
    return f"{project[:60]}-{now:%Y-%m-%dT%H:%M:%S}-{secrets.token_hex(4).upper()}"


def _columns(job: Job) -> dict[str, object]:
    return {
        "id": job.id,
        "project": job.project,
        "operation": job.operation,
        "status": job.status.value,
        "step": job.step.value,
        "company": job.company,
        "order": msgspec.json.encode(job.order).decode(),
        "message": job.message,
        "package": job.package,
    }


def _stamps(now: datetime) -> dict[str, object]:
    return {"created": now, "heartbeat": now}
