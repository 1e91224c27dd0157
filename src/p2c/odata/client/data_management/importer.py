"""Imports packages and reads back, row by row, what they brought."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import uuid4

from p2c.edm.entity import Entity
from p2c.errors import StopError
from p2c.odata.client.data_management.calls import ActionRefusedError, DataManagementCalls, Status
from p2c.odata.client.data_management.catalogue import NoPackagesError, PackagedEntities, PackagedEntity
from p2c.odata.client.data_management.outgoing import build_package
from p2c.odata.client.data_management.refused import Identity, identity, refused_rows
from p2c.odata.client.environment import Upsert

NAME_LENGTH = 60
"""Characters that the name of a data project has at most."""


class Importer:
    """Imports into one environment; one package of an entity at a time is the caller's concern."""

    def __init__(self, calls: DataManagementCalls, entities: PackagedEntities) -> None:
        self._calls = calls
        self._entities = entities

    async def packaged(self, entity: Entity) -> PackagedEntity:
        """
        What packages call the entity.

        Raises:
            NoPackagesError: Packages cannot be used for it, or were refused before.
        """
        return await self._entities.find(entity)

    async def bring(self, entity: Entity, company: str, rows: Sequence[Upsert]) -> list[bool]:
        """
        For each row of a company, whether a package brought it; what it did not bring may be sent otherwise.

        Raises:
            NoPackagesError: The environment takes no package of the entity; nothing was written.
        """
        packaged = await self.packaged(entity)
        project = f"p2c {packaged.label}"[:NAME_LENGTH]
        package = await asyncio.to_thread(build_package, project, packaged, entity, rows)
        try:
            execution = await self._order(project, company, package)
        except ActionRefusedError as error:
            self._entities.give_up(entity, error.what)
            raise NoPackagesError(error.what, where=error.where) from error
        status = await self._calls.ended(execution)
        try:
            return await self._brought(execution, status, packaged, entity, rows)
        except StopError as error:
            self._entities.give_up(entity, f"what a package brought cannot be read back ({error.what})")
            return [False] * len(rows)

    async def _order(self, project: str, company: str, package: bytes) -> str:
        """The execution that imports a package."""
        execution = f"p2c-{uuid4()}"
        address = await self._calls.upload(f"{execution}.zip", package)
        try:
            await self._calls.act(
                "ImportFromPackageAsync",
                packageUrl=address,
                definitionGroupId=project,
                executionId=execution,
                execute=True,
                overwrite=True,
                legalEntityId=company,
            )
        except ActionRefusedError:
            # When the answer was lost, the order was sent again, and refused because its execution is there.
            if await self._calls.status(execution) is None:
                raise
        return execution

    async def _brought(
        self, execution: str, status: Status, packaged: PackagedEntity, entity: Entity, rows: Sequence[Upsert]
    ) -> list[bool]:
        """Counts and files must tell the same, so that no row is taken for delivered that is not.

        Raises:
            StopError: They do not, or cannot be read.
        """
        arrived = await self._arrived(execution)
        if arrived == len(rows) and status is Status.SUCCEEDED:
            return [True] * len(rows)
        refused = await self._refused(execution, packaged, entity)
        brought = [identity(entity, row.key) not in refused for row in rows]
        if sum(brought) != arrived:
            raise StopError(f"{arrived} of {len(rows)} rows arrived, {sum(brought)} are not named as refused")
        return brought

    async def _arrived(self, execution: str) -> int:
        """How many rows an execution has created or updated."""
        found = await self._calls.rows("DataManagementExecutionJobDetails", "JobId", execution)
        names = ("TargetRecordsCreatedCount", "TargetRecordsUpdatedCount")
        return sum(count for row in found for name in names if isinstance(count := row.get(name), int))

    async def _refused(self, execution: str, packaged: PackagedEntity, entity: Entity) -> set[Identity]:
        """Rows that could not be read into staging, and rows that the target did not take."""
        asked = {"executionId": execution, "entityName": packaged.label}
        urls = [str(await self._calls.act("GetImportStagingErrorFileUrl", **asked))]
        if await self._calls.act("GenerateImportTargetErrorKeysFile", **asked) is True:
            urls.append(await self._calls.until_made("GetImportTargetErrorKeysFileUrl", **asked))
        files = [await self._calls.download(url) for url in urls if url]
        return {row for file in files for row in refused_rows(entity, file)}
