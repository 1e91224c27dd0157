"""Which entity sets packages may hold, and under which names: asked of the environment, once for each."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

import msgspec

from p2c.edm.entity import Entity
from p2c.errors import StopError
from p2c.odata.client.data_management.calls import DataManagementCalls
from p2c.odata.query import literal


class NoPackagesError(StopError):
    """Packages cannot be used for an entity; `what` says why."""


@dataclass(frozen=True, slots=True)
class PackagedEntity:
    """An entity of data management: its label names it in manifests, `target` in the application.

    `tracking` says in which of its tables changes are seen.
    """

    label: str
    target: str
    tracking: str = ""

    @property
    def element(self) -> str:
        """The element of a row in XML files."""
        return self.target.upper()


class _Item(msgspec.Struct):
    Name: str
    DataManagementEnabled: bool = False


class _Items(msgspec.Struct):
    value: list[_Item]


class PackagedEntities:
    """The entities of one environment by entity set."""

    def __init__(self, calls: DataManagementCalls) -> None:
        self._calls = calls
        self._known: dict[str, PackagedEntity | str] = {}

    async def find(self, entity: Entity) -> PackagedEntity:
        """
        What packages call the entity.

        Raises:
            NoPackagesError: Packages cannot be used for it.
        """
        found = self._known.get(entity.set_name)
        if found is None:
            try:
                found = await self._ask(entity)
            except NoPackagesError as error:
                found = error.what
            except StopError as error:
                found = f"data management cannot be asked ({error.what})"
            self._known[entity.set_name] = found
        if isinstance(found, str):
            raise NoPackagesError(found, where=f"{self._calls.where}, {entity.set_name}")
        return found

    def give_up(self, entity: Entity, reason: str) -> None:
        """The environment refused packages of the entity: it is not asked again."""
        self._known[entity.set_name] = reason

    async def _ask(self, entity: Entity) -> PackagedEntity:
        condition = quote(f"PublicCollectionName eq {literal(entity.set_name)}", safe="")
        items = (await self._calls.metadata(f"DataEntities?$filter={condition}", _Items)).value
        if not items:
            raise NoPackagesError("the environment's metadata does not list the entity")
        if not items[0].DataManagementEnabled:
            raise NoPackagesError("the entity is not enabled for data management")
        target = items[0].Name
        rows = await self._calls.rows("DataManagementEntities", "TargetName", target)
        listed = next((row for row in rows if row.get("EntityIsEnabled") != "No"), None)
        if listed is None:
            raise NoPackagesError("data management does not list the entity; refresh its entity list")
        return PackagedEntity(str(listed["EntityName"]), target, str(listed.get("ChangeTrackingType")))
