"""The executions of an export project as a log: numbered by its readers, read by each of them for itself."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from p2c.edm.entity import Entity
from p2c.edm.values import Row
from p2c.errors import StopError
from p2c.odata.client.data_management.calls import ActionRefusedError, DataManagementCalls, Status
from p2c.odata.client.environment import CheckpointExpiredError
from p2c.odata.packages.archive import Archive
from p2c.odata.packages.formats import read_rows, source_format
from p2c.odata.packages.manifest import MANIFEST_FILE, read_manifest
from p2c.odata.packages.text_values import value_of


@dataclass(frozen=True, slots=True)
class ExportLog:
    """
    One export project: execution `<project>-<n>` has what changed since execution n-1.

    An export moves the project's token on whether its package is read or not. Because the numbers are agreed, every
    reader finds what was exported for others, or by a run of its own that died.
    """

    calls: DataManagementCalls
    project: str
    label: str
    company: str

    async def newest(self) -> int:
        """The highest number that the environment remembers; 0 for none."""
        jobs = await self.calls.rows("DataManagementExecutionJobDetails", "DefinitionGroupId", self.project)
        return max((self._number(str(job.get("JobId", ""))) for job in jobs), default=0)

    async def exported(self, number: int) -> bool:
        """Whether an execution is there."""
        return await self.calls.status(self._execution(number)) is not None

    async def export(self, number: int) -> bool:
        """
        Export what changed since the execution before; False when another reader has done so under that number.

        Raises:
            ActionRefusedError: The environment refused, and not because the execution is there.
        """
        try:
            await self.calls.act(
                "ExportToPackageAsync",
                definitionGroupId=self.project,
                packageName=self.project,
                executionId=self._execution(number),
                reExecute=False,
                legalEntityId=self.company,
            )
        except ActionRefusedError:
            if await self.exported(number):
                return False
            raise
        return True

    async def ended(self, number: int) -> None:
        """
        Wait for an execution.

        Raises:
            CheckpointExpiredError: It failed, so that nobody knows where the project's token stands.
        """
        status = await self.calls.ended(self._execution(number))
        if status is not Status.SUCCEEDED:
            raise CheckpointExpiredError(f"the export {self._execution(number)} ended as {status.value}")

    async def rows(self, number: int, entity: Entity, names: tuple[str, ...]) -> Iterator[Row]:
        """
        The rows of an execution's package.

        Raises:
            CheckpointExpiredError: The package is gone.
            StopError: It is not what the entity's metadata says.
        """
        try:
            url = str(await self.calls.act("GetExportedPackageUrl", executionId=self._execution(number)))
            content = await self.calls.download(url) if url else b""
        except ActionRefusedError as error:
            raise CheckpointExpiredError(error.what, where=error.where) from error
        # Some releases give no package when nothing has changed.
        return self._read(content, entity, names) if content else iter(())

    def _read(self, content: bytes, entity: Entity, names: tuple[str, ...]) -> Iterator[Row]:
        archive = Archive(io.BytesIO(content))
        for item in read_manifest(archive.small(MANIFEST_FILE)).entities:
            if item.name.lower() != self.label.lower():
                continue
            columns = {pair.field: pair.source.upper() for pair in item.fields}
            with archive.open(item.file) as stream:
                for row in read_rows(stream, source_format(item.source_format)):
                    yield self._typed(entity, names, columns, row.values)

    def _typed(
        self, entity: Entity, names: tuple[str, ...], columns: Mapping[str, str], texts: Mapping[str, str]
    ) -> Row:
        try:
            return {
                name: value_of(entity.property[name], texts[columns.get(name.upper(), name.upper())]) for name in names
            }
        except (KeyError, ValueError) as error:
            raise StopError(
                f"an export does not fit the entity's metadata ({error})",
                where=f"{self.calls.where}, {self.project}",
                way_out="let the export project generate its mapping anew",
            ) from error

    def _execution(self, number: int) -> str:
        return f"{self.project}-{number}"

    def _number(self, execution: str) -> int:
        text = execution.removeprefix(f"{self.project}-")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
