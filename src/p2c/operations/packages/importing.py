"""Imports: a package is read into staging, and from there written through the rules that OData writes meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Protocol
from uuid import UUID

from p2c.database.session import Database, Session
from p2c.errors import P2CError
from p2c.odata.packages.archive import Archive
from p2c.odata.packages.errors import PackageError
from p2c.odata.packages.file_rows import FileRow
from p2c.odata.packages.formats import read_rows, source_format
from p2c.odata.packages.manifest import (
    HEADER_FILE,
    MANIFEST_FILE,
    Manifest,
    PackageEntity,
    check_header,
    read_manifest,
)
from p2c.odata.packages.text_values import read_values
from p2c.operations.packages.blobs import Blobs
from p2c.operations.packages.catalogue import Catalogue, DataEntity
from p2c.operations.packages.job import Job, Step, Tally, verdict
from p2c.operations.packages.jobs import Jobs
from p2c.operations.packages.staging import Refusal, Stage, StagedRow, Staging
from p2c.operations.packages.target import Target

BATCH = 1000


class Stopping(Protocol):
    """Whether the process is about to end."""

    def is_set(self) -> bool:
        """True when work must stop at the next batch."""


@dataclass(frozen=True, slots=True)
class Importer:
    """Carries imports out; keeps nothing between calls."""

    database: Database
    blobs: Blobs
    jobs: Jobs
    staging: Staging
    target: Target
    catalogue: Catalogue
    stopping: Stopping

    def describe(self, package: UUID) -> Manifest:
        """
        What a package holds, checked before a job is made of it; entities come in the order of their import.

        Raises:
            PackageError: It is no package, or names an entity, format or file that there is not.
        """
        with self.blobs.opened(package) as file:
            archive = Archive(file)
            check_header(archive.small(HEADER_FILE))
            manifest = read_manifest(archive.small(MANIFEST_FILE))
            entities = sorted((item for item in manifest.entities if not item.disabled), key=lambda item: item.place)
            names = [item.name.lower() for item in entities]
            if len(set(names)) != len(names):
                raise PackageError("the package names an entity twice", where=MANIFEST_FILE, way_out="name it once")
            return replace(manifest, entities=tuple(self._checked(item, archive) for item in entities))

    def stage(self, job: Job) -> None:
        """Read the package's files into staging; a file that cannot be read stops its own entity only."""
        self.staging.forget(job.id)
        if job.package is None:
            raise PackageError("the job has no package")
        with self.blobs.opened(job.package) as file:
            archive = Archive(file)
            for item in job.order.entities:
                self._note(job, item, "StagingStartDateTime", StagingStatus="Executing")
                try:
                    errors = self._stage_entity(job, item, archive)
                except PackageError as error:
                    broken = {"StagingStatus": "Error", "TargetStatus": "NotRun", "Message": str(error)}
                    self._note(job, item, "StagingEndDateTime", **broken)
                else:
                    self._note(job, item, "StagingEndDateTime", StagingStatus="Error" if errors else "Finished")
        self.jobs.move(job.id, Step.STAGED)

    def deliver(self, job: Job) -> None:
        """Write what is staged, unit by unit and level by level, and close the job."""
        stopped_units: set[int] = set()
        stopped_levels: dict[int, int] = {}
        states = {row["EntityName"]: row for row in self.jobs.entities(job.id)}
        for item in job.order.entities:
            broken = states[item.name]["TargetStatus"] == "NotRun"
            barred = item.unit in stopped_units or stopped_levels.get(item.unit, item.level) < item.level
            if barred and not broken:
                reason = "an entity before it has errors, and the package says to stop then"
                self._note(job, item, "TargetEndDateTime", TargetStatus="NotRun", Message=reason)
            errors = broken or barred or self._deliver_entity(job, item)
            if errors and item.fail_unit:
                stopped_units.add(item.unit)
            if errors and item.fail_level:
                stopped_levels.setdefault(item.unit, item.level)
        self._close(job)

    def _checked(self, item: PackageEntity, archive: Archive) -> PackageEntity:
        entity = self.catalogue.named(item.name)
        source_format(item.source_format)
        archive.open(item.file).close()
        unknown = sorted({pair.field for pair in item.fields} - entity.fields.keys())
        if unknown:
            raise PackageError(
                f"the mapping is incorrect for entity {entity.label} and field {unknown[0]}",
                where=MANIFEST_FILE,
                way_out="EntityField must be a field of the entity in upper case",
            )
        if not entity.entity.writable:
            raise PackageError(f"Entity {entity.label} is export only; import the entity that owns the data")
        return replace(item, name=entity.label, target=entity.target)

    def _stage_entity(self, job: Job, item: PackageEntity, archive: Archive) -> int:
        """The number of rows that could not be read. A package that maps no field brings no row."""
        entity = self.catalogue.named(item.name)
        if not item.fields:
            return 0
        errors = 0
        with archive.open(item.file) as stream:
            reader = _mapped(read_rows(stream, source_format(item.source_format)), item, entity)
            for rows in _batches(reader, BATCH):
                self._go_on()
                bad = sum(row.refusal is not None for row in rows)
                errors += bad
                with self.database.begin() as session:
                    self.staging.add(session, job.id, item.name, rows)
                    self.jobs.note(session, job.id, item.name, Tally(staged=len(rows), staging_errors=bad))
                    self.jobs.beat(session, job.id)
        return errors

    def _deliver_entity(self, job: Job, item: PackageEntity) -> bool:
        """Whether rows of the entity were refused, in staging or now."""
        entity = self.catalogue.named(item.name)
        self._note(job, item, "TargetStartDateTime", TargetStatus="Executing")
        after, refused = 0, 0
        while rows := self.staging.sound(job.id, item.name, after, BATCH):
            self._go_on()
            refused += self.target.save(entity, rows, job.company, self._recorder(job, item)).target_errors
            after = rows[-1].number
        self._note(job, item, "TargetEndDateTime", TargetStatus="Error" if refused else "Finished")
        staged = next(row for row in self.jobs.entities(job.id) if row["EntityName"] == item.name)
        return bool(refused or staged["StagingErrorCount"])

    def _recorder(self, job: Job, item: PackageEntity) -> Callable[[Session, Tally, Mapping[int, Refusal]], None]:
        """Writes down what a batch has come to, in the transaction that wrote its rows."""

        def record(session: Session, tally: Tally, refusals: Mapping[int, Refusal]) -> None:
            self.staging.refuse(session, job.id, item.name, refusals)
            self.jobs.note(session, job.id, item.name, tally)
            self.jobs.beat(session, job.id)

        return record

    def _close(self, job: Job) -> None:
        rows = self.jobs.entities(job.id)
        tallies = [
            Tally(
                staging_errors=_count(row["StagingErrorCount"]),
                created=_count(row["TargetRecordsCreatedCount"]),
                updated=_count(row["TargetRecordsUpdatedCount"]),
                target_errors=_count(row["TargetErrorCount"]),
            )
            for row in rows
        ]
        broken = [row for row in rows if row["Message"]]
        status = verdict(tallies, len(broken))
        message = "; ".join(f"{row['EntityName']}: {row['Message']}" for row in broken)
        with self.database.begin() as session:
            self.jobs.end(session, job.id, status, message)

    def _note(self, job: Job, item: PackageEntity, *times: str, **values: object) -> None:
        """Set columns of an entity of the job; `times` are those that get the time of now."""
        with self.database.begin() as session:
            values.update(dict.fromkeys(times, session.now))
            self.jobs.note(session, job.id, item.name, None, **values)
            self.jobs.beat(session, job.id)

    def _go_on(self) -> None:
        if self.stopping.is_set():
            raise P2CError("the service was stopped while the job ran; run it again")


def _mapped(rows: Iterator[FileRow], item: PackageEntity, entity: DataEntity) -> Iterator[StagedRow]:
    """Rows by field of the entity; those with values that do not fit are refused here."""
    pairs = [(pair.source.upper(), pair.field) for pair in item.fields]
    for row in rows:
        texts = {field: row.values[source] for source, field in pairs if source in row.values}
        yield StagedRow(row.number, texts, _unreadable(row, texts, entity))


def _unreadable(row: FileRow, texts: Mapping[str, str], entity: DataEntity) -> Refusal | None:
    if row.problem:
        return Refusal(Stage.STAGING, "", row.problem)
    _, problem = read_values(entity.fields, texts)
    return Refusal(Stage.STAGING, problem.field, problem.message) if problem is not None else None


def _batches(rows: Iterator[StagedRow], size: int) -> Iterator[Sequence[StagedRow]]:
    while batch := list(islice(rows, size)):
        yield batch


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
