"""Rows that a destination row names by key: checked in bulk before writing, so that one missing row costs no batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from p2c.edm.entity import Entity, Model
from p2c.edm.values import Row, Value
from p2c.errors import RejectedRowError
from p2c.integrator.engine.remembered import Asked, Found, Remembered
from p2c.integrator.mapping.codes import RejectCode
from p2c.integrator.mapping.company import is_company_field
from p2c.odata.client.environment import Environment


@dataclass(frozen=True, slots=True)
class KeyReference:
    """A mapped field that names a row of `target` by its `column`, in the company that `company` holds (if any)."""

    field: str
    target: Entity
    column: str
    company: str
    target_company: str


@dataclass(frozen=True, slots=True)
class SeenRows:
    """Which of the rows that one batch names exist, by the naming field."""

    references: Sequence[KeyReference]
    found: Mapping[str, Found]

    def check(self, values: Row) -> None:
        """
        Whether all rows that a mapped row names exist.

        Raises:
            RejectedRowError: One does not.
        """
        for item in self.references:
            value = values.get(item.field)
            if value is None or _named(item, values) in self.found[item.field]:
                continue
            code = RejectCode.LOOKUP_NOT_FOUND
            company = f" in company {values[item.company]}" if item.company else ""
            raise RejectedRowError(
                code.value,
                f"the destination has no {item.target.name} with {item.column} {value!r}{company}",
                field=item.field,
                value=value,
                way_out=code.way_out,
            )


class References:
    """The rows of other entities that one leg's destination rows name, remembered once they were seen."""

    def __init__(self, environment: Environment, entity: Entity, fields: Sequence[str]) -> None:
        self._environment = environment
        self._references = key_references(entity, environment.model, fields)
        self._known = {item.field: Remembered() for item in self._references}
        self.names_rows = bool(self._references)
        self.to_itself = tuple(item.field for item in self._references if item.target is entity)

    async def find(self, rows: Sequence[Row]) -> SeenRows:
        """Look up the rows named; one query an entity, for what was not seen before."""
        found: dict[str, Found] = {}
        for item in self._references:
            wanted = [_named(item, row) for row in rows if row.get(item.field) is not None]
            found[item.field] = await self._known[item.field].find(wanted, partial(self._ask, item))
        return SeenRows(self._references, found)

    async def _ask(self, item: KeyReference, wanted: list[Asked]) -> Mapping[Asked, Value]:
        names = tuple(name for name in (item.column, item.target_company) if name)
        values = list(dict.fromkeys(name[0] for name in wanted if isinstance(name, tuple)))
        rows = await self._environment.by_values(item.target, names, item.column, values)
        return {(row[item.column], row.get(item.target_company)): True for row in rows}


def key_references(entity: Entity, model: Model, fields: Sequence[str]) -> tuple[KeyReference, ...]:
    """The fields `<Lookup>_<column>` among those mapped, by the lookups of the entity."""
    found: list[KeyReference] = []
    for lookup in entity.lookups:
        target = model.entity[lookup.targets[0]]
        for field in fields:
            column = field.removeprefix(f"{lookup.name}_")
            if column == field or column not in target.property or is_company_field(field):
                continue
            company = f"{lookup.name}_Organization_OrganizationId"
            scoped = company in entity.property
            scope = "Organization_OrganizationId" if scoped else ""
            found.append(KeyReference(field, target, column, company if scoped else "", scope))
    return tuple(found)


def _named(item: KeyReference, row: Row) -> tuple[Value, Value]:
    return row[item.field], row.get(item.company) if item.company else None
