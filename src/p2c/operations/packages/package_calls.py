"""The package REST API without HTTP: what each action does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar
from uuid import UUID, uuid4

import msgspec
from sqlalchemy.exc import IntegrityError

from p2c.database.connect import first_line
from p2c.odata.packages.errors import PackageError
from p2c.odata.packages.manifest import Manifest, PackageEntity
from p2c.odata.service.access import Privilege
from p2c.odata.service.faults import RequestError
from p2c.odata.service.fno.actions import ActionCall
from p2c.operations.packages.data_management import DataManagement
from p2c.operations.packages.job import Job, JobOrder, Step
from p2c.operations.packages.projects import load_project, project_entities
from p2c.operations.packages.published import NAME_LENGTH

_T = TypeVar("_T")
_PREVIEW = 10


class PackageCalls:
    """Imports and exports as clients order them. Every method answers one action; refusals are RequestErrors."""

    def __init__(self, management: DataManagement) -> None:
        self._management = management

    def write_url(self, call: ActionCall) -> str:
        """`GetAzureWriteUrl`: JSON in a text with the id of a new blob and the address to put it to."""
        name = call.text("uniqueFileName") or f"{uuid4()}.zip"
        blobs = self._management.blobs
        blob = blobs.create(name)
        url = blobs.url(call.root, blob, writable=True)
        return msgspec.json.encode({"BlobId": f"{{{str(blob).upper()}}}", "BlobUrl": url}).decode()

    def import_package(self, call: ActionCall) -> str:
        """`ImportFromPackage`: answers when the package has been read into staging; writing goes on behind."""
        return refusing(lambda: self._import(call, background=False))

    def import_package_async(self, call: ActionCall) -> str:
        """`ImportFromPackageAsync`: answers when the package has been found sound."""
        return refusing(lambda: self._import(call, background=True))

    def export(self, call: ActionCall) -> str:
        """`ExportToPackage` and `ExportToPackageAsync`: a job for the project's entities, or those listed."""
        return refusing(lambda: self._export(call, self._entities(call)))

    def export_preview(self, call: ActionCall) -> str:
        """`ExportToPackagePreview`: the first rows of each entity; no version token moves."""
        count = call.parameters.get("exportPreviewCount") or call.parameters.get("count") or _PREVIEW
        rows = count if isinstance(count, int) and count > 0 else _PREVIEW
        return refusing(lambda: self._export(call, self._entities(call), rows))

    def export_delta(self, call: ActionCall) -> str:
        """`ExportToPackageDelta`: the changes since the project's last export, whatever its refresh type."""

        def work() -> str:
            entities = (replace(item, refresh="IncrementalPush") for item in self._entities(call))
            return self._export(call, tuple(entities))

        return refusing(work)

    def export_from_package(self, call: ActionCall) -> str:
        """`ExportFromPackage`: a project made from a package's manifest, exported when `execute` says so."""

        def work() -> str:
            manifest = self._manifest(self._management.blobs.at(call.text("packageUrl")).id)
            self._load(call, manifest, "Export")
            return self._export(call, manifest.entities, step=_step(call, Step.QUEUED))

        return refusing(work)

    def exported_url(self, call: ActionCall) -> str:
        """`GetExportedPackageUrl`: where the package of an export is read; "" while there is none."""

        def work() -> str:
            job = self._job(call)
            if job.is_import or job.package is None:
                return ""
            return self._management.blobs.url(call.root, job.package)

        return refusing(work)

    def _import(self, call: ActionCall, *, background: bool) -> str:
        management = self._management
        package = management.blobs.at(call.text("packageUrl")).id
        manifest = self._manifest(package)
        if not manifest.entities:
            raise PackageError("every entity of the package is disabled")
        company = self._management.company(call.text("legalEntityId"))
        self._management.demand(manifest.entities, Privilege.CREATE, Privilege.WRITE)
        project = self._load(call, manifest, "Import")
        step = _step(call, Step.QUEUED if background else Step.RUNNING)
        job = management.jobs.create(
            project,
            "Import",
            company,
            JobOrder(manifest.entities),
            step=step,
            identifier=call.text("executionId"),
            package=package,
        )
        if step is Step.RUNNING:
            self._stage(job)
        if step is not Step.LOADED:
            management.worker.submit(job.id)
        return job.id

    def _stage(self, job: Job) -> None:
        try:
            self._management.importer.stage(job)
        except Exception as error:
            self._management.jobs.fail(job.id, f"the package could not be staged ({error})")
            raise

    def _export(
        self,
        call: ActionCall,
        entities: tuple[PackageEntity, ...],
        rows: int = 0,
        step: Step = Step.QUEUED,
    ) -> str:
        self._management.demand(entities, Privilege.READ)
        management, identifier = self._management, call.text("executionId")
        order = JobOrder(entities, call.text("packageName"), rows)
        if call.flag("reExecute") and identifier:
            management.jobs.get(identifier)
            management.jobs.repeat(identifier, order)
        else:
            project, company = call.text("definitionGroupId"), self._management.company(call.text("legalEntityId"))
            job = management.jobs.create(project, "Export", company, order, step=step, identifier=identifier)
            identifier = job.id
        if step is not Step.LOADED:
            management.worker.submit(identifier)
        return identifier

    def _entities(self, call: ActionCall) -> tuple[PackageEntity, ...]:
        """The entities of the call's project; those of `entityList` alone when it has any."""
        with self._management.database.begin() as session:
            known = project_entities(session, _project(call))
        wanted = [name.lower() for name in names_in(call.text("entityList"))]
        missing = set(wanted) - {item.name.lower() for item in known}
        if missing:
            raise PackageError(f"the project has no entity {min(missing)!r}", way_out="list entities of the project")
        return tuple(item for item in known if not wanted or item.name.lower() in wanted)

    def _manifest(self, package: UUID) -> Manifest:
        return self._management.importer.describe(package)

    def _load(self, call: ActionCall, manifest: Manifest, operation: str) -> str:
        project = call.text("definitionGroupId") or manifest.project
        if not project:
            raise PackageError("neither definitionGroupId nor the manifest names a project", way_out="name one")
        if len(project) > NAME_LENGTH:
            raise PackageError(f"the name of a project has at most {NAME_LENGTH} characters", way_out="shorten it")
        with self._management.database.begin() as session:
            load_project(session, manifest, project, operation, overwrite=call.flag("overwrite"))
        return project

    def _job(self, call: ActionCall) -> Job:
        return self._management.jobs.get(call.text("executionId"))


def _step(call: ActionCall, step: Step) -> Step:
    return step if call.flag("execute") else Step.LOADED


def _project(call: ActionCall) -> str:
    project = call.text("definitionGroupId")
    if not project:
        raise PackageError("definitionGroupId is empty", way_out="name an export project")
    return project


def names_in(text: str) -> list[str]:
    """The names of a list that clients write as JSON, or with commas or semicolons between."""
    if text.startswith("["):
        try:
            return [name.strip() for name in msgspec.json.decode(text, type=list[str])]
        except msgspec.MsgspecError as error:
            raise PackageError(f"the list of entities is no JSON array ({error})") from error
    return [name.strip() for name in text.replace(";", ",").split(",") if name.strip()]


def refusing(work: Callable[[], _T]) -> _T:
    """What is wrong with a package or a call is the client's to mend."""
    try:
        return work()
    except PackageError as error:
        raise RequestError(400, str(error)) from error
    except IntegrityError as error:
        message = f"another call was made with the same names ({first_line(error)}); try again"
        raise RequestError(400, message) from error
