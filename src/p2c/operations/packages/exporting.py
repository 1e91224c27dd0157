"""Exports: the rows of a project's entities, all or those that changed, written into a package."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import IO, Protocol

import msgspec

from p2c.database.session import Database, Session
from p2c.edm.entity import Entity
from p2c.edm.values import EdmType, Value
from p2c.errors import P2CError
from p2c.odata.packages.formats import DataFile, source_format
from p2c.odata.packages.manifest import (
    HEADER_FILE,
    MANIFEST_FILE,
    FieldMapping,
    Manifest,
    PackageEntity,
    write_header,
    write_manifest,
)
from p2c.odata.query.options import QueryOptions
from p2c.odata.service.reading import Reader
from p2c.odata.service.tokens import DeltaToken, SkipToken
from p2c.operations.packages.blobs import Blobs
from p2c.operations.packages.catalogue import Catalogue, DataEntity
from p2c.operations.packages.importing import Stopping
from p2c.operations.packages.job import Job, Status, Tally
from p2c.operations.packages.jobs import Jobs
from p2c.operations.packages.tracking import NOTHING, VersionTokens

PAGE = 5000
# Numbers with a point stay the texts that they are, digit for digit.
_decode = msgspec.json.Decoder(float_hook=str).decode


class ReadingService(Protocol):
    """The part of the OData service that rows are read with."""

    def reader(self, session: Session) -> Reader:
        """Reads rows in a session."""


@dataclass(frozen=True, slots=True)
class Exporter:
    """Carries exports out; keeps nothing between calls."""

    database: Database
    blobs: Blobs
    jobs: Jobs
    tokens: VersionTokens
    service: ReadingService
    catalogue: Catalogue
    stopping: Stopping

    def run(self, job: Job) -> None:
        """
        Write the package and close the job.

        The version tokens move on with the package, in one transaction: what is lost later is lost to the project
        until its tokens are reset. Rows changed while the export runs come with the next one, if not with this.
        """
        moved: dict[str, int] = {}
        with tempfile.TemporaryFile() as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                entities = [self._write_entity(job, item, archive, moved) for item in job.order.entities]
                manifest = Manifest(job.project, job.project, tuple(entities))
                archive.writestr(HEADER_FILE, write_header(job.project))
                archive.writestr(MANIFEST_FILE, write_manifest(manifest))
            file.seek(0)
            self._finish(job, file, moved)

    def _finish(self, job: Job, file: IO[bytes], moved: Mapping[str, int]) -> None:
        name = job.order.package_name or job.project
        with self.database.begin() as session:
            blob = self.blobs.add(session, name if name.lower().endswith(".zip") else f"{name}.zip")
            self.blobs.fill(session, blob, file)
            if not job.order.rows:
                self.tokens.move(session, job.project, job.company, moved)
            self.jobs.end(session, job.id, Status.SUCCEEDED, package=blob)

    def _write_entity(
        self, job: Job, item: PackageEntity, archive: zipfile.ZipFile, moved: dict[str, int]
    ) -> PackageEntity:
        entity = self.catalogue.named(item.name)
        kind = source_format(item.source_format)
        fields = tuple(entity.fields)
        file = f"{entity.label}{kind.extension}"
        counter = _Counter()
        with archive.open(file, "w", force_zip64=True) as stream:
            rows = counter.counted(self._rows(job, item, entity, moved))
            DataFile(kind, entity.element, fields).write(stream, rows)
        written = replace(
            item,
            name=entity.label,
            target=entity.target,
            file=file,
            fields=tuple(FieldMapping(field, field) for field in fields),
        )
        with self.database.begin() as session:
            self.jobs.note(
                session,
                job.id,
                item.name,
                Tally(staged=counter.count),
                StagingStatus="Finished",
                TargetStatus="Finished",
                StagingEndDateTime=session.now,
                TargetEndDateTime=session.now,
            )
        return written

    def _rows(
        self, job: Job, item: PackageEntity, entity: DataEntity, moved: dict[str, int]
    ) -> Iterator[dict[str, str]]:
        """The rows as texts by field, a page at a time."""
        tracked = self._tracked(job, item)
        token: SkipToken | None = None
        moved[item.name] = tracked.upto
        options = QueryOptions(top=job.order.rows or None)
        conditions = _in_company(entity.entity, job.company)
        while True:
            if self.stopping.is_set():
                raise P2CError("the service was stopped while the job ran; run it again")
            with self.database.begin() as session:
                page = self.service.reader(session).page(
                    entity.entity, options, size=PAGE, token=token, conditions=conditions, tracked=tracked
                )
                self.jobs.beat(session, job.id)
            for row in page.rows:
                yield _texts(entity, _decode(row))
            token = page.following
            if token is None:
                return

    def _tracked(self, job: Job, item: PackageEntity) -> DeltaToken:
        """From which transaction the export reads, and which the next one will begin with."""
        with self.database.begin() as session:
            self.jobs.note(session, job.id, item.name, StagingStatus="Executing", StagingStartDateTime=session.now)
            incremental = item.refresh.lower() == "incrementalpush"
            since = self.tokens.since(session, job.project, item.name, job.company) if incremental else NOTHING
            return DeltaToken(since, session.oldest_running(), session.now)


class _Counter:
    """Counts what passes."""

    def __init__(self) -> None:
        self.count = 0

    def counted(self, rows: Iterator[dict[str, str]]) -> Iterator[dict[str, str]]:
        for row in rows:
            self.count += 1
            yield row


def _in_company(entity: Entity, company: str) -> list[tuple[str, Value]]:
    name = entity.company_property
    return [(entity.property[name].storage, company)] if name else []


def _texts(entity: DataEntity, row: Mapping[str, str | int | bool | None]) -> dict[str, str]:
    return {field: _text(row[item.name], item.type) for field, item in entity.fields.items()}


def _text(value: str | int | bool | None, kind: EdmType) -> str:
    if value is None:
        return ""
    if kind is EdmType.BOOLEAN:
        return "Yes" if value else "No"
    return str(value)
