"""Which company a row belongs to, and how the destination is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from p2c.edm.entity import Entity
from p2c.edm.values import Row, Value
from p2c.integrator.connections import OrganizationMapping
from p2c.integrator.mapping.company import is_company_field

BUSINESS_UNIT = "owningbusinessunit"
NAME_OF = {"operations": "legal_entity", "commondata": "organization", "sales": "business_unit"}
"""By environment, the part of an organization mapping that names a company there."""


class Companies:
    """The organization mapping between two environments, for one pair of entities.

    `business_units` are the ids of Sales' business units by name, where one end is Sales.
    """

    def __init__(
        self,
        organizations: Sequence[OrganizationMapping],
        source: tuple[str, Entity],
        destination: tuple[str, Entity],
        business_units: Mapping[str, str],
    ) -> None:
        environment, entity = source
        self.source_field = company_field(environment, entity)
        self._destination_environment = destination[0]
        self._own_fields, self._lookup_fields = _company_fields(*destination)
        self._beside: dict[tuple[str, ...], list[tuple[str, list[str]]]] = {}
        self.key_fields = tuple(self._own_fields)
        self._by_destination = {getattr(item, NAME_OF[destination[0]]).lower(): item for item in organizations}
        self._by_source: dict[str, OrganizationMapping] = {}
        for item in organizations:
            name = getattr(item, NAME_OF[environment])
            known = business_units.get(name, "") if environment == "sales" else name.lower()
            if known:
                self._by_source[known] = item
        self._source_word = {"sales": "business unit", "commondata": "organization"}.get(environment, "legal entity")

    @property
    def scoped(self) -> bool:
        """Whether source rows belong to a company each."""
        return bool(self.source_field)

    @property
    def merges(self) -> bool:
        """Whether rows of several companies become one row at the destination."""
        return self.scoped and not self._own_fields

    def of(self, row: Row) -> OrganizationMapping | None:
        """The company of a source row; None when the mapping does not name it."""
        value = row.get(self.source_field)
        return self._by_source.get(str(value).lower()) if value is not None else None

    def of_destination(self, row: Row) -> OrganizationMapping | None:
        """The company of a destination row; None when the mapping does not name it."""
        return self._by_destination.get(str(row[self.key_fields[0]]).lower())

    def unknown(self, row: Row) -> str:
        """Why a row without a mapped company stays behind."""
        return f"its {self._source_word} ({row.get(self.source_field)}) is not in the organization mapping"

    def fill(self, mapped: Row, company: OrganizationMapping) -> None:
        """Add the company to a destination row: its own, and that of each row it points at."""
        name: Value = getattr(company, NAME_OF[self._destination_environment])
        for field in self._own_fields:
            mapped[field] = name
        for field, beside in self._beside_lookups(tuple(mapped)):
            mapped[field] = name if any(mapped[other] is not None for other in beside) else None

    def _beside_lookups(self, names: tuple[str, ...]) -> list[tuple[str, list[str]]]:
        """The company fields of lookups, each with the fields of its lookup; all rows of a leg have the same names."""
        if names not in self._beside:
            fields = {field for _, field in self._lookup_fields}
            self._beside[names] = [
                (field, [name for name in names if name.startswith(lookup) and name not in fields])
                for lookup, field in self._lookup_fields
            ]
        return self._beside[names]


def company_field(environment: str, entity: Entity) -> str:
    """The field that says which company a row of the entity belongs to; empty when rows are shared."""
    if environment == "sales":
        return BUSINESS_UNIT if BUSINESS_UNIT in entity.property else ""
    own, _ = _company_fields(environment, entity)
    return own[0] if own else ""


def _company_fields(environment: str, entity: Entity) -> tuple[list[str], list[tuple[str, str]]]:
    """The company fields that are part of the row's key, and those beside its lookups (prefix, field)."""
    if environment == "sales":
        return [], []
    named = [item.name for item in entity.properties if is_company_field(item.name) and not item.is_lookup]
    keys = {name for key in entity.alternate_keys for name in key.properties} | set(entity.key)
    own = [name for name in named if name in keys]
    return own, [(name.removesuffix("Organization_OrganizationId"), name) for name in named if name not in own]
