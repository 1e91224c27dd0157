"""The queue of recurring integration: files that wait to be imported, packages that wait to be fetched."""

from __future__ import annotations

import secrets
import tempfile
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import IO
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update

from p2c.odata.packages.errors import PackageError
from p2c.odata.packages.formats import source_format
from p2c.odata.packages.manifest import (
    HEADER_FILE,
    MANIFEST_FILE,
    FieldMapping,
    Manifest,
    PackageEntity,
    write_header,
    write_manifest,
)
from p2c.odata.service.access import Privilege
from p2c.operations.packages.data_management import DataManagement
from p2c.operations.packages.job import Job, JobOrder, Status, Step
from p2c.operations.packages.projects import load_project, project_entities
from p2c.operations.packages.published import RECURRING_JOB

REDELIVERED_AFTER = timedelta(minutes=30)
_ZIP = b"PK\x03\x04"
_COPY = 1024 * 1024


class MessageState(Enum):
    """How far a message is."""

    ENQUEUED = "Enqueued"
    DEQUEUED = "Dequeued"
    ACKED = "Acked"
    PRE_PROCESSING = "PreProcessing"
    PROCESSING = "Processing"
    PROCESSED = "Processed"
    WITH_ERRORS = "ProcessedWithErrors"
    PRE_PROCESSING_ERROR = "PreProcessingError"
    POST_PROCESSING_FAILED = "PostProcessingFailed"


_OF_JOB = {
    Status.NOT_RUN: MessageState.PRE_PROCESSING,
    Status.EXECUTING: MessageState.PROCESSING,
    Status.SUCCEEDED: MessageState.PROCESSED,
    Status.PARTIAL: MessageState.WITH_ERRORS,
    Status.FAILED: MessageState.POST_PROCESSING_FAILED,
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `job` is the execution that imports or exported it, "" when there is none."""

    id: str
    activity: UUID
    direction: str
    state: MessageState
    job: str
    blob: UUID | None
    receipt: str


@dataclass(frozen=True, slots=True)
class Activity:
    """A recurring job: the project that its messages go through, and the company."""

    id: UUID
    project: str
    company: str


class Messages:
    """The messages of one environment."""

    def __init__(self, management: DataManagement) -> None:
        self._management = management
        self._table = management.tables.message

    def activity(self, identifier: UUID) -> Activity:
        """
        A recurring job.

        Raises:
            PackageError: There is none, or it is switched off.
        """
        with self._management.database.begin() as session:
            rows = session.rows(RECURRING_JOB.name, "ActivityId", [identifier])
        if not rows or rows[0]["IsEnabled"] != "Yes":
            raise PackageError(
                f"there is no enabled recurring job {identifier}", way_out="create it in RecurringDataJobs"
            )
        return Activity(identifier, str(rows[0]["DefinitionGroupId"]), str(rows[0]["LegalEntityId"]))

    def enqueue(self, activity: Activity, content: IO[bytes], entity: str, company: str) -> str:
        """
        Take a file in and start its import; the message's id. Without `entity` the content is a package.

        Raises:
            PackageError: The package, or the entity of the file, is not one of the project.
        """
        management = self._management
        is_package = content.read(len(_ZIP)) == _ZIP
        content.seek(0)
        name = f"{uuid4()}.zip"
        if is_package:
            blob = management.blobs.store(name, content)
        else:
            with self._packed(activity, content, entity) as package:
                blob = management.blobs.store(name, package)
        identifier = str(uuid4())
        self._add(identifier, activity, "in", blob, "")
        try:
            job = self._import(activity, blob, management.company(company or activity.company))
        except PackageError:
            self._set(identifier, state=MessageState.PRE_PROCESSING_ERROR.value)
            raise
        self._set(identifier, job=job.id, state=MessageState.PRE_PROCESSING.value)
        management.worker.submit(job.id)
        return identifier

    def dequeue(self, activity: Activity) -> Message | None:
        """
        The next package to fetch. When none waits the project is exported; None when that has no rows either.

        A message that is not acknowledged within thirty minutes is given out again.
        """
        return self._next(activity) or self._exported(activity)

    def acknowledge(self, activity: Activity, identifier: str, receipt: str) -> None:
        """
        Take a fetched package out of the queue.

        Raises:
            PackageError: The message is not out with this receipt: it was given out again meanwhile.
        """
        table = self._table
        with self._management.database.begin() as session:
            done = session.connection.execute(
                update(table)
                .where(
                    table.c.id == identifier,
                    table.c.activity == activity.id,
                    table.c.receipt == receipt,
                    table.c.state == MessageState.DEQUEUED.value,
                )
                .values(state=MessageState.ACKED.value)
                .returning(table.c.id)
            ).first()
        if done is None:
            raise PackageError(f"the message {identifier} is not out with this PopReceipt", way_out="dequeue again")

    def get(self, identifier: str) -> Message:
        """
        A message.

        Raises:
            PackageError: There is none.
        """
        with self._management.database.begin() as session:
            query = select(self._table).where(self._table.c.id == identifier.strip('"'))
            row = session.connection.execute(query).mappings().first()
        if row is None:
            raise PackageError(f"the message {identifier!r} was not found")
        return Message(
            row["id"],
            row["activity"],
            row["direction"],
            MessageState(row["state"]),
            row["job"] or "",
            row["blob"],
            row["receipt"],
        )

    def state(self, identifier: str) -> MessageState:
        """How far a message is; one that came in is as far as its job."""
        message = self.get(identifier)
        if message.direction == "in" and message.job:
            return _OF_JOB.get(self._management.jobs.get(message.job).status, message.state)
        return message.state

    def _next(self, activity: Activity) -> Message | None:
        table = self._table
        open_states = (MessageState.ENQUEUED.value, MessageState.DEQUEUED.value)
        with self._management.database.begin() as session:
            oldest = (
                select(table.c.id)
                .where(table.c.activity == activity.id, table.c.direction == "out")
                .where(table.c.state.in_(open_states), table.c.visible <= session.now)
                .order_by(table.c.created)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            identifier: str | None = session.connection.execute(oldest).scalar_one_or_none()
            if identifier is None:
                return None
            session.connection.execute(
                update(table)
                .where(table.c.id == identifier)
                .values(
                    state=MessageState.DEQUEUED.value,
                    receipt=secrets.token_urlsafe(16),
                    visible=session.now + REDELIVERED_AFTER,
                )
            )
        return self.get(identifier)

    def _exported(self, activity: Activity) -> Message | None:
        management = self._management
        with management.database.begin() as session:
            entities = tuple(project_entities(session, activity.project))
        management.demand(entities, Privilege.READ)
        job = management.jobs.create(
            activity.project,
            "Export",
            management.company(activity.company),
            JobOrder(entities),
            step=Step.RUNNING,
        )
        management.worker.run(job)
        ended = management.jobs.get(job.id)
        if ended.package is None:
            raise PackageError(f"the export failed ({ended.message})")
        if not any(row["StagingRecordsCreatedCount"] for row in management.jobs.entities(job.id)):
            return None
        self._add(str(uuid4()), activity, "out", ended.package, job.id)
        return self._next(activity)

    def _import(self, activity: Activity, blob: UUID, company: str) -> Job:
        management = self._management
        manifest = management.importer.describe(blob)
        management.demand(manifest.entities, Privilege.CREATE, Privilege.WRITE)
        with management.database.begin() as session:
            load_project(session, manifest, activity.project, "Import", overwrite=False)
        return management.jobs.create(
            activity.project, "Import", company, JobOrder(manifest.entities), step=Step.QUEUED, package=blob
        )

    def _packed(self, activity: Activity, content: IO[bytes], label: str) -> IO[bytes]:
        """A package around a lone data file, in the format that the project gives its entity."""
        entity = self._management.catalogue.named(label)
        with self._management.database.begin() as session:
            known = {item.name: item for item in project_entities(session, activity.project)}
        if entity.label not in known:
            raise PackageError(f"the project {activity.project} has no entity {entity.label}; add it there")
        kind = source_format(known[entity.label].source_format)
        fields = tuple(FieldMapping(field, field) for field in entity.fields)
        item = PackageEntity(
            name=entity.label, file=f"{entity.label}{kind.extension}", source_format=kind.value, fields=fields
        )
        package = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
        with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(HEADER_FILE, write_header(activity.project))
            archive.writestr(MANIFEST_FILE, write_manifest(Manifest(activity.project, "", (item,))))
            with archive.open(item.file, "w") as member:
                while piece := content.read(_COPY):
                    member.write(piece)
        package.seek(0)
        return package

    def _add(self, identifier: str, activity: Activity, direction: str, blob: UUID, job: str) -> None:
        with self._management.database.begin() as session:
            session.connection.execute(
                insert(self._table).values(
                    id=identifier,
                    activity=activity.id,
                    direction=direction,
                    state=MessageState.ENQUEUED.value,
                    job=job or None,
                    blob=blob,
                    receipt="",
                    created=session.now,
                    visible=session.now,
                )
            )

    def _set(self, identifier: str, **values: object) -> None:
        with self._management.database.begin() as session:
            session.connection.execute(update(self._table).where(self._table.c.id == identifier).values(**values))
