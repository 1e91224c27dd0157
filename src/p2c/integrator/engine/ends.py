"""The two ends of a leg and the map between them: what a run needs of it, and what a comparison needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import msgspec

from p2c.edm.entity import Entity
from p2c.edm.values import EdmType, Row, Value
from p2c.errors import RejectedRowError
from p2c.integrator.connections import ConnectionSet, OrganizationMapping
from p2c.integrator.engine.companies import Companies
from p2c.integrator.engine.environments import Environments
from p2c.integrator.engine.source import reading_of
from p2c.integrator.mapping.codes import RejectCode
from p2c.integrator.mapping.compile import CompiledLeg, compile_leg
from p2c.integrator.mapping.template import Leg
from p2c.integrator.outcome import LegKey
from p2c.odata.client.environment import Environment, Source

SEPARATOR = "|"
"""Between the parts of a source row's key."""
ADDRESS_SEPARATOR = "/"
"""Between the parts of a destination row's key, its company first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegEnds:
    """Source, destination, compiled map and companies of one leg.

    `environment` is where the source is: the source itself, unless that is a query.
    """

    compiled: CompiledLeg
    environment: Environment
    source: Source
    source_entity: Entity
    destination: Environment
    destination_entity: Entity
    companies: Companies

    @property
    def source_names(self) -> tuple[str, ...]:
        """The source fields to read: the key, the company, and what the map needs."""
        company = (self.companies.source_field,) if self.companies.source_field else ()
        return tuple(dict.fromkeys((*self.source_entity.key, *company, *self.compiled.select)))

    @property
    def key_names(self) -> tuple[str, ...]:
        """The destination fields that identify a row there: its company, where rows have one, and the key."""
        return (*self.companies.key_fields, *self.compiled.key)

    def identity(self, values: Row) -> tuple[Value, ...]:
        """What identifies a row at the destination."""
        return tuple([values[name] for name in self.key_names])

    def address(self, values: Row) -> str:
        """What identifies a row at the destination, as text."""
        return address_of(values, self.key_names)

    def key_at(self, address: str) -> Row:
        """
        The key of the destination row with this address.

        Raises:
            RejectedRowError: The address does not tell its parts apart.
        """
        parts = address.split(ADDRESS_SEPARATOR, 1 if len(self.key_names) == 2 else -1)
        if len(parts) != len(self.key_names):
            raise RejectedRowError(
                RejectCode.DESTINATION_REFUSED.value,
                f"the row at {address} cannot be removed: its key holds the separator {ADDRESS_SEPARATOR}",
                way_out="remove it at the destination by hand, and dismiss this row",
            )
        types = (self.destination_entity.property[name].type for name in self.key_names)
        return {name: type.parse(part) for name, type, part in zip(self.key_names, types, parts, strict=True)}

    def without_values(self) -> Row:
        """A mapped row with all its fields, those of its company too, and no values."""
        row: Row = dict.fromkeys(self.compiled.fields)
        self.companies.fill(row, OrganizationMapping("", "", ""))
        return dict.fromkeys(row)

    def source_id(self, row: Row) -> str:
        """What identifies a source row for good: its key, several parts joined with a bar."""
        return SEPARATOR.join([str(row[name]) for name in self.source_entity.key])

    def source_ids(self, rows: Sequence[Row]) -> list[str]:
        """What identifies each of these source rows for good, in order."""
        entity = self.source_entity
        if len(entity.key) > 1:
            return [self.source_id(row) for row in rows]
        values = [row[entity.key[0]] for row in rows]
        if entity.property[entity.key[0]].type is EdmType.GUID:
            # As `str` writes them, at once.
            return cast("list[str]", msgspec.to_builtins(values))
        return list(map(str, values))


def address_of(values: Row, names: Sequence[str]) -> str:
    """What identifies a row at the destination, as text; `names` are its fields that do so."""
    return ADDRESS_SEPARATOR.join([str(values[name]) for name in names])


async def open_ends(environments: Environments, connection_set: ConnectionSet, key: LegKey, leg: Leg) -> LegEnds:
    """
    The ends of a leg of a prepared project, connected, and its map compiled.

    Raises:
        ConfigurationError: A connection is missing, or the map does not fit after all.
        RetryError, StopError: An environment stays away or refuses.
    """
    environment = await environments.get(connection_set, leg.source.environment)
    reading = reading_of(leg, environment, f"project {key.project}, {key.task}, leg {key.leg}")
    destination = await environments.get(connection_set, leg.destination.environment)
    destination_entity = destination.model.entity_set[leg.destination.entity]
    return LegEnds(
        compiled=compile_leg(leg, reading.entity, destination_entity, environment.model, destination.model),
        environment=environment,
        source=reading.source,
        source_entity=reading.entity,
        destination=destination,
        destination_entity=destination_entity,
        companies=Companies(
            connection_set.organizations,
            (leg.source.environment, reading.entity),
            (leg.destination.environment, destination_entity),
            await environments.business_units(environment),
        ),
    )
