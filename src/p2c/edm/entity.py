"""Entities as they are published, and the tables that keep them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from p2c.edm.keys import folded
from p2c.edm.property import Custom, Property
from p2c.edm.values import EdmType, Value

COMPANY_PROPERTY = "dataAreaId"


class Ownership(Enum):
    """Who owns the rows; USER rows carry ownerid and owningbusinessunit."""

    USER = "UserOwned"
    ORGANIZATION = "OrganizationOwned"
    BUSINESS = "BusinessOwned"
    PARENT = "None"


@dataclass(frozen=True, slots=True)
class AlternateKey:
    """Properties that together identify a row.

    `within` names further columns that the uniqueness is limited to although clients do not give them
    (an account number is unique inside a business unit).
    """

    name: str
    properties: tuple[str, ...]
    within: tuple[str, ...] = ()
    label: str = ""
    custom: Custom | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A row of another table, found by equal columns: `on` pairs (own column, other column)."""

    name: str
    table: str
    on: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Table:
    """What the database keeps: columns, a surrogate primary key, unique keys and references.

    Columns are given as properties without `path`; names are the column names. Where it `ignores_case`, two texts
    that differ in the case of their letters are one key.
    """

    name: str
    columns: tuple[Property, ...]
    primary_key: str
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    references: tuple[Reference, ...] = ()
    ignores_case: bool = False

    @cached_property
    def caseless(self) -> frozenset[str]:
        """The columns whose case does not count; company codes are stored in lower case, so they are compared as is."""
        if not self.ignores_case:
            return frozenset()
        texts = (column.storage for column in self.columns if column.type is EdmType.STRING)
        return frozenset(texts) - {COMPANY_PROPERTY}

    def folded(self, values: tuple[Value, ...]) -> tuple[Value, ...]:
        """Values of a key as the table compares them."""
        return folded(values) if self.ignores_case else values

    @cached_property
    def column(self) -> Mapping[str, Property]:
        """Columns by name."""
        return {column.storage: column for column in self.columns}

    @cached_property
    def reference(self) -> Mapping[str, Reference]:
        """References by name."""
        return {reference.name: reference for reference in self.references}


@dataclass(frozen=True, slots=True)
class Relation:
    """The rows of another entity that have the same values: `on` pairs (own property, property of `target`).

    With `many` they are a collection, otherwise one row at most. `partner` is the relation that leads back.
    """

    name: str
    target: str
    on: tuple[tuple[str, str], ...]
    many: bool = False
    partner: str = ""


@dataclass(frozen=True, eq=False)
class Entity:
    """One published entity over one table.

    `key` are the property names that address a row in a URL (one surrogate, or a natural composite key).
    `where` limits the table's rows to those with these column values.
    `writable` False makes the entity export only. `custom` is set when the environment's users added it.
    `relations` lead to other entities by equal values, as Operations has them; lookups lead there by a row's key.
    """

    name: str
    set_name: str
    label: str
    plural: str
    properties: tuple[Property, ...]
    key: tuple[str, ...]
    table: Table
    name_property: str = ""
    alternate_keys: tuple[AlternateKey, ...] = ()
    ownership: Ownership = Ownership.ORGANIZATION
    where: Mapping[str, Value] = field(default_factory=dict)
    writable: bool = True
    custom: Custom | None = None
    relations: tuple[Relation, ...] = ()

    @cached_property
    def relation(self) -> Mapping[str, Relation]:
        """Relations by name."""
        return {relation.name: relation for relation in self.relations}

    @cached_property
    def property(self) -> Mapping[str, Property]:
        """Properties by name."""
        return {item.name: item for item in self.properties}

    @cached_property
    def renamed(self) -> Mapping[str, str]:
        """The columns of properties that are called otherwise, by the properties' names."""
        return {item.name: item.storage for item in self.properties if item.storage != item.name}

    @cached_property
    def paths(self) -> frozenset[str]:
        """The properties that are reached through a lookup."""
        return frozenset(item.name for item in self.properties if item.path)

    @cached_property
    def moments(self) -> frozenset[str]:
        """The properties that are points in time."""
        return frozenset(item.name for item in self.properties if item.type is EdmType.DATETIME)

    @cached_property
    def keys(self) -> Mapping[frozenset[str], tuple[str, ...]]:
        """What a row can be addressed by, in the order of each key, by the names in any order."""
        known = [self.key, (self.table.primary_key,), *(item.properties for item in self.alternate_keys)]
        return {frozenset(names): names for names in dict.fromkeys(known)}

    @cached_property
    def lookups(self) -> tuple[Property, ...]:
        """Properties that point at rows of other entities."""
        return tuple(item for item in self.properties if item.is_lookup)

    @cached_property
    def navigation(self) -> Mapping[str, tuple[Property, str]]:
        """Single-valued navigation properties: name to (lookup, target entity)."""
        return {
            name: (item, target)
            for item in self.lookups
            for name, target in zip(item.navigations, item.targets, strict=True)
        }

    @cached_property
    def company_property(self) -> str:
        """`dataAreaId` when the rows belong to one legal entity each, else empty."""
        return COMPANY_PROPERTY if COMPANY_PROPERTY in self.property else ""


@dataclass(frozen=True, slots=True)
class LinkEnd:
    """One side of a many-to-many relationship: an entity, the column of the links with its keys, and the
    collection of the other side's rows at it."""

    entity: str
    column: str
    navigation: str


@dataclass(frozen=True, slots=True)
class ManyToMany:
    """Rows of two entities linked any to any; each link is a row of `table`, which is published nowhere else."""

    name: str
    table: Table
    first: LinkEnd
    second: LinkEnd

    @property
    def directions(self) -> tuple[tuple[LinkEnd, LinkEnd], ...]:
        """Both ways to go: from an end to the other."""
        return (self.first, self.second), (self.second, self.first)


@dataclass(frozen=True, eq=False)
class Model:
    """All entities of one environment. `namespace` is the schema's name in CSDL."""

    name: str
    namespace: str
    entities: tuple[Entity, ...]
    tables: tuple[Table, ...]
    many_to_many: tuple[ManyToMany, ...] = ()

    @cached_property
    def entity(self) -> Mapping[str, Entity]:
        """Entities by name."""
        return {entity.name: entity for entity in self.entities}

    @cached_property
    def entity_set(self) -> Mapping[str, Entity]:
        """Entities by entity set name."""
        return {entity.set_name: entity for entity in self.entities}

    @cached_property
    def table(self) -> Mapping[str, Table]:
        """Tables by name."""
        return {table.name: table for table in self.tables}


def surrogate(name: str, kind: EdmType) -> Property:
    """A surrogate key column: a GUID that the service makes, or a number that the database counts."""
    return Property(name=name, type=kind, read_only=True)
