"""An entity as something to select from: its table, and the tables that its properties and paths reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from sqlalchemy import ColumnElement, FromClause, and_, or_, select
from sqlalchemy import Table as SqlTable
from sqlalchemy.sql.selectable import NamedFromClause

from p2c.database.tables import CHANGED, VERSION, Storage
from p2c.edm.entity import Entity, LinkEnd, ManyToMany, Model, Relation, Table
from p2c.edm.property import Property
from p2c.errors import nearest
from p2c.odata.query.errors import QueryError
from p2c.odata.service.access import Privilege, demand, readable


class UnknownMemberError(QueryError):
    """A query names a property or navigation property that the entity does not have."""


def member_property(entity: Entity, name: str) -> Property | None:
    """The property behind a name on the wire; `_x_value` is the key that the lookup `x` holds."""
    if name.startswith("_") and name.endswith("_value"):
        item = entity.property.get(name[1:-6])
        return item if item is not None and item.is_lookup else None
    item = entity.property.get(name)
    return item if item is None or not item.is_lookup else None


def known_members(entity: Entity) -> list[str]:
    """The names that queries may use, lookups as `_x_value`."""
    return [f"_{item.name}_value" if item.is_lookup else item.name for item in entity.properties]


@lru_cache(maxsize=1024)
def collections(model: Model, entity: Entity) -> Mapping[str, tuple[Entity, Property]]:
    """Collection navigation properties of an entity: name to (child entity, its lookup)."""
    found = {
        lookup.inverse(child.name, entity.name): (child, lookup)
        for child in model.entities
        for lookup in child.lookups
        if entity.name in lookup.targets
    }
    return MappingProxyType(found)


@lru_cache(maxsize=1024)
def linked(model: Model, entity: Entity) -> Mapping[str, tuple[ManyToMany, LinkEnd, LinkEnd]]:
    """Many-to-many collections of an entity: name to (the links, the entity's end, the other one)."""
    return MappingProxyType(
        {
            own.navigation: (link, own, other)
            for link in model.many_to_many
            for own, other in link.directions
            if own.entity == entity.name
        }
    )


def collection_targets(model: Model, entity: Entity) -> Mapping[str, Entity]:
    """All collection navigation properties of an entity: name to the entity of its rows."""
    children = {name: child for name, (child, _) in collections(model, entity).items()}
    related = {relation.name: model.entity[relation.target] for relation in entity.relations if relation.many}
    links = {name: model.entity[other.entity] for name, (_, _, other) in linked(model, entity).items()}
    return children | related | links


class EntitySource:
    """Columns of one entity for one statement; tables are joined when a path first needs them.

    Joins follow lookups and references, which find at most one row each, so rows never multiply.
    """

    def __init__(self, model: Model, storage: Storage, entity: Entity) -> None:
        self.entity = entity
        self._model = model
        self._storage = storage
        self.table: NamedFromClause = storage.tables[entity.table.name].alias()
        self.from_clause: FromClause = self.table
        self._joined: dict[tuple[str, ...], tuple[NamedFromClause, Table]] = {(): (self.table, entity.table)}

    @property
    def key(self) -> ColumnElement[object]:
        """The primary key column."""
        return self.table.c[self.entity.table.primary_key]

    @property
    def version(self) -> ColumnElement[int]:
        """The row's version number."""
        return self.table.c[VERSION]

    @property
    def changed(self) -> ColumnElement[int]:
        """The transaction that wrote the row last."""
        return self.table.c[CHANGED]

    def changed_since(self, transaction: int) -> ColumnElement[bool]:
        """Whether the row was written since a transaction, or another one that it shows values of."""
        shown = {item.path[:-1] for item in self.entity.properties if item.path}
        tables = [self.table, *(self._reach(steps)[0] for steps in sorted(shown))]
        return or_(*(table.c[CHANGED] >= transaction for table in tables))

    @property
    def limits(self) -> list[ColumnElement[bool]]:
        """What makes a table's row a row of this entity, and one that the caller may read."""
        wanted = [*self.entity.where.items(), *readable(self.entity)]
        return [self.table.c[name] == value for name, value in wanted]

    @property
    def tables(self) -> list[NamedFromClause]:
        """The table and those joined to it so far."""
        return [alias for alias, _ in self._joined.values()]

    def collection(self, name: str) -> tuple[EntitySource, ColumnElement[bool]]:
        """
        The rows of a collection navigation property, and the condition that ties them to a row of this source.

        Raises:
            UnknownMemberError: The entity has no such collection.
        """
        known = collections(self._model, self.entity)
        relation = self.entity.relation.get(name)
        if relation is not None and relation.many:
            return self.related(relation)
        if name in linked(self._model, self.entity):
            return self._linked(*linked(self._model, self.entity)[name])
        if name not in known:
            raise _unknown(self.entity, name, list(known), "collection")
        child, lookup = known[name]
        inner = EntitySource(self._model, self._storage, child)
        condition = inner.column(lookup) == self.key
        if lookup.polymorphic:
            condition = and_(condition, inner.type_column(lookup) == self.entity.name)
        return inner, condition

    def related(self, relation: Relation) -> tuple[EntitySource, ColumnElement[bool]]:
        """The rows that a relation leads to, and the condition that ties them to a row of this source."""
        target = self._model.entity[relation.target]
        inner = EntitySource(self._model, self._storage, target)
        pairs = ((self.entity.property[own], target.property[other]) for own, other in relation.on)
        return inner, and_(*(inner.column(other) == self.column(own) for own, other in pairs))

    def _linked(self, link: ManyToMany, own: LinkEnd, other: LinkEnd) -> tuple[EntitySource, ColumnElement[bool]]:
        inner = EntitySource(self._model, self._storage, self._model.entity[other.entity])
        links = self._alias(link.table)
        keys = select(links.c[other.column]).where(links.c[own.column] == self.key).correlate(self.table)
        return inner, inner.key.in_(keys)

    def table_of(self, name: str) -> NamedFromClause | None:
        """The table of an entity, for a query inside this one; None when the model has no such entity."""
        entity = self._model.entity.get(name)
        return None if entity is None else self._alias(entity.table)

    def pointed(self, item: Property) -> Entity | None:
        """The entity whose keys a column holds: its own for the primary key, a lookup's only target."""
        if item.name == self.entity.table.primary_key:
            return self.entity
        return self._model.entity[item.targets[0]] if len(item.targets) == 1 else None

    def column(self, item: Property) -> ColumnElement[object]:
        """The column that holds a property."""
        if not item.path:
            return self.table.c[item.storage]
        alias, _ = self._reach(item.path[:-1])
        return alias.c[item.path[-1]]

    def type_column(self, item: Property) -> ColumnElement[str]:
        """The column that names the target entity of a polymorphic lookup."""
        return self.table.c[f"{item.storage}_type"]

    def reached(self, path: Sequence[str]) -> Entity:
        """
        The entity that navigation properties lead to, one after the other.

        Raises:
            UnknownMemberError: A step is no single-valued navigation property.
        """
        entity = self.entity
        for navigation in path:
            if navigation not in entity.navigation:
                raise _unknown(entity, navigation, list(entity.navigation), "navigation property")
            entity = self._model.entity[entity.navigation[navigation][1]]
        return entity

    def member(self, path: Sequence[str], *, attribute: bool = False) -> tuple[ColumnElement[object], Property]:
        """
        The column a query member means: `name`, `_x_value`, or `navigation/name` over several hops.

        With `attribute` a lookup may be named as its column is, as query functions do: `ownerid`.

        Raises:
            UnknownMemberError: A step is not a property of the entity reached so far.
        """
        entity = self.entity
        steps: tuple[str, ...] = ()
        for navigation in path[:-1]:
            found = entity.navigation.get(navigation)
            if found is None:
                raise _unknown(entity, navigation, list(entity.navigation), "navigation property")
            lookup, target = found
            steps = (*steps, f"{lookup.storage}:{target}" if lookup.polymorphic else lookup.storage)
            entity = self._model.entity[target]
            demand(entity, Privilege.READ)
        item = member_property(entity, path[-1])
        if item is None and attribute:
            item = entity.property.get(path[-1])
        if item is None:
            raise _unknown(entity, path[-1], known_members(entity), "property")
        if not steps:
            return self.column(item), item
        alias, _ = self._reach((*steps, *item.path[:-1]))
        return alias.c[item.path[-1] if item.path else item.storage], item

    def _reach(self, steps: tuple[str, ...]) -> tuple[NamedFromClause, Table]:
        if steps in self._joined:
            return self._joined[steps]
        origin, definition = self._reach(steps[:-1])
        name, _, forced = steps[-1].partition(":")
        reference = definition.reference.get(name)
        if reference is not None:
            table = self._model.table[reference.table]
            alias = self._alias(table)
            joined = and_(*(origin.c[own] == alias.c[other] for own, other in reference.on))
        else:
            lookup = definition.column[name]
            table = self._model.entity[forced or lookup.targets[0]].table
            alias = self._alias(table)
            joined = origin.c[name] == alias.c[table.primary_key]
            if forced:
                joined = and_(joined, origin.c[f"{name}_type"] == forced)
        self.from_clause = self.from_clause.outerjoin(alias, joined)
        self._joined[steps] = (alias, table)
        return alias, table

    def _alias(self, table: Table) -> NamedFromClause:
        target: SqlTable = self._storage.tables[table.name]
        return target.alias()


def _unknown(entity: Entity, name: str, known: list[str], kind: str) -> UnknownMemberError:
    hint = nearest(name, known) if known else ""
    return UnknownMemberError(name, 0, f"{entity.name} has no {kind} '{name}'", hint)
