"""Reads what changed in an entity from incremental exports, of every company that has rows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import msgspec

from p2c.edm.entity import Entity
from p2c.edm.values import Row
from p2c.odata.client.data_management.calls import DataManagementCalls
from p2c.odata.client.data_management.catalogue import NoPackagesError, PackagedEntities
from p2c.odata.client.data_management.export_log import ExportLog
from p2c.odata.client.data_management.importer import NAME_LENGTH
from p2c.odata.client.environment import CheckpointExpiredError
from p2c.odata.client.rows import RowPage

KEPT = timedelta(days=6)
"""Packages live for seven days; a checkpoint is given up in time."""
PAGE = 5000
_WHOLE_ENTITY = ("ALL", "CustomQuery")
"""Tracking of the primary table alone would miss changes in the others that the entity shows values of."""
_COMPANY_LENGTH = 5


def export_project(label: str, company: str) -> str:
    """The name that an export project must have to be found: by entity, and by company where rows belong to one."""
    name = f"p2c export {label}"[: NAME_LENGTH - _COMPANY_LENGTH]
    return f"{name} {company}" if company else name


class Counter(Protocol):
    """Counts rows."""

    async def count_in(self, entity: Entity, company: str) -> int:
        """How many rows a company has."""


class ExportCheckpoint(msgspec.Struct, frozen=True):
    """How far exports have been read: when, and the last number by project."""

    at: datetime
    last: dict[str, int]


@dataclass(frozen=True, slots=True)
class ChangeExports:
    """The export projects of one entity."""

    entity: Entity
    logs: Sequence[ExportLog]

    @property
    def told(self) -> str:
        """How changes are read, in words."""
        return "incremental exports: only what has changed is read; deletions by counting"

    async def begin(self) -> str:
        """A checkpoint before everything is read by other means: what changes from now on is in later exports."""
        now, last = datetime.now(UTC), {}
        for log in self.logs:
            number = await log.newest() + 1
            while not await log.export(number):
                number += 1
            await log.ended(number)
            last[log.project] = number
        return _text(now, last)

    async def since(self, names: Sequence[str], checkpoint: str) -> AsyncIterator[RowPage]:
        """
        Pages of rows that changed since a checkpoint; the last one has the next.

        Raises:
            CheckpointExpiredError: Exports since then may be gone, or there are other projects now.
        """
        before, now = self._opened(checkpoint), datetime.now(UTC)
        wanted = tuple(dict.fromkeys((*self.entity.key, *names)))
        executions = {log.project: await _executions(log, before.last[log.project]) for log in self.logs}
        for log in self.logs:
            async for rows in self._latest(log, executions[log.project], wanted):
                yield RowPage(rows, [], None, None)
        yield RowPage([], [], None, _text(now, {name: numbers[-1] for name, numbers in executions.items()}))

    async def _latest(self, log: ExportLog, numbers: Sequence[int], names: tuple[str, ...]) -> AsyncIterator[list[Row]]:
        """Each row as its last execution has it: newest first, so that an older state is never read after it."""
        seen: set[tuple[object, ...]] = set()
        page: list[Row] = []
        for number in reversed(numbers):
            for row in await log.rows(number, self.entity, names):
                key = tuple(row[name] for name in self.entity.key)
                if key in seen:
                    continue
                seen.add(key)
                page.append(row)
                if len(page) == PAGE:
                    yield page
                    page = []
        if page:
            yield page

    def _opened(self, checkpoint: str) -> ExportCheckpoint:
        try:
            before = msgspec.json.decode(checkpoint, type=ExportCheckpoint)
        except msgspec.MsgspecError as error:
            raise CheckpointExpiredError("the entity was read in another way before") from error
        if before.last.keys() != {log.project for log in self.logs}:
            raise CheckpointExpiredError("the entity has other export projects now")
        if datetime.now(UTC) - before.at > KEPT:
            raise CheckpointExpiredError(f"exports since {before.at:%Y-%m-%d} may be gone")
        return before


async def _executions(log: ExportLog, last: int) -> list[int]:
    """The numbers after `last` that are there, and a new one; all have ended."""
    number = last + 1
    while await log.exported(number):
        number += 1
    await log.export(number)
    numbers = list(range(last + 1, number + 1))
    for number in numbers:
        await log.ended(number)
    return numbers


async def find_exports(
    calls: DataManagementCalls, entities: PackagedEntities, entity: Entity, companies: Sequence[str], reader: Counter
) -> ChangeExports:
    """
    The export projects of an entity, one a company, or one of all where rows belong to none (`companies` is [""]).

    Raises:
        NoPackagesError: There are none, or not of every company that has rows.
    """
    packaged = await entities.find(entity)
    details = await calls.rows("DataManagementDefinitionGroupDetails", "EntityName", packaged.label)
    found = {
        str(row["DefinitionGroupId"])
        for row in details
        if row.get("DefaultRefreshType") == "IncrementalPush" and row.get("Disable") != "Yes"
    }
    projects = {company: export_project(packaged.label, company) for company in companies}
    if not found.intersection(projects.values()):
        raise NoPackagesError(f"there is no incremental export project {min(projects.values(), default='')!r}")
    if packaged.tracking not in _WHOLE_ENTITY:
        raise NoPackagesError("change tracking of the entity is not that of the entire entity")
    for company, project in projects.items():
        if project not in found and await reader.count_in(entity, company):
            raise NoPackagesError(f"there is no incremental export project {project!r}, and the company has rows")
    logs = [ExportLog(calls, name, packaged.label, company) for company, name in projects.items() if name in found]
    return ChangeExports(entity, logs)


def _text(at: datetime, last: dict[str, int]) -> str:
    return msgspec.json.encode(ExportCheckpoint(at, last)).decode()
