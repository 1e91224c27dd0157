"""What happens along relationships that users have added when a row is deleted; shipped rules know shipped ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from p2c.database.session import Session
from p2c.edm.change import Change, Problem, ProblemKind
from p2c.edm.entity import Entity, Model, Table
from p2c.edm.property import OnDelete, Property
from p2c.edm.values import Row, Value
from p2c.odata.service.rules import NoRules, TableRules


def with_relations(model: Model, rules: Mapping[str, TableRules]) -> Mapping[str, TableRules]:
    """The rules, those of tables with added relationships wrapped in rules that follow these."""
    found = dict(rules)
    for entity in model.entities:
        lookups = [
            (child, item)
            for child in model.entities
            for item in child.lookups
            if item.custom is not None and item.targets == (entity.name,)
        ]
        links = [
            (link.table, own.column)
            for link in model.many_to_many
            for own, _ in link.directions
            if own.entity == entity.name
        ]
        if lookups or links:
            inner = rules.get(entity.table.name, NoRules())
            found[entity.table.name] = RelationRules(entity.table, inner, lookups, links, found)
    return found


@dataclass(frozen=True, slots=True)
class _Going:
    """A row that is to be deleted, and the key of the row that was asked for and takes it along."""

    row: Row
    root: Value


class RelationRules:
    """The rules of a table, with those of the lookups that point at it and of the links in which its rows stand.

    `links` are tables of links and their column with the keys of this table; `known` are the rules of all tables.
    """

    def __init__(
        self,
        table: Table,
        inner: TableRules,
        lookups: Sequence[tuple[Entity, Property]],
        links: Sequence[tuple[Table, str]],
        known: Mapping[str, TableRules],
    ) -> None:
        self._table = table
        self._key = table.primary_key
        self._inner = inner
        self._lookups = lookups
        self._links = links
        self._known = known

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """As the table's own rules say."""
        self._inner.before_save(changes, session)

    def after_save(self, changes: Sequence[Change], session: Session) -> None:
        """As the table's own rules say."""
        self._inner.after_save(changes, session)

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Why each row stays; the rows that point at the others are let go or deleted, as their lookups say."""
        refused: dict[Value, Problem] = {}
        while True:
            going = [row for row in rows if row[self._key] not in refused]
            with session.connection.begin_nested() as attempt:
                late = self._prepare(going, session)
                if not late:
                    return [refused.get(row[self._key]) for row in rows]
                # A row deep down must stay: nothing that went with it may be lost.
                attempt.rollback()
            refused.update(late)

    def _prepare(self, rows: Sequence[Row], session: Session) -> dict[Value, Problem]:
        """Let go or delete what points at rows; by key which of them must stay, and why."""
        family = self._family(rows, session)
        late: dict[Value, Problem] = {}
        for entity, lookup in self._having(OnDelete.RESTRICT):
            table = entity.table
            for row in session.rows(table.name, lookup.storage, family, (table.primary_key, lookup.storage)):
                if table is not self._table or row[table.primary_key] not in family:
                    held = _held(entity, lookup, row[lookup.storage])
                    late.setdefault(family[row[lookup.storage]].root, held)
        members = [member.row for member in family.values()]
        for row, said in zip(members, self._inner.before_delete(members, session), strict=True):
            if said is not None:
                late.setdefault(family[row[self._key]].root, said)
        for entity, lookup in self._having(OnDelete.REMOVE_LINK):
            _let_go(entity, lookup, family, session)
        for entity, lookup in self._having(OnDelete.CASCADE):
            if entity.table is not self._table:
                for parent, said in self._cascade(entity, lookup, family, session):
                    late.setdefault(family[parent].root, said)
        for table, column in self._links:
            links = session.rows(table.name, column, family, (table.primary_key,))
            session.delete(table.name, [link[table.primary_key] for link in links])
        session.delete(self._table.name, [key for key, member in family.items() if key != member.root])
        return late

    def _having(self, behavior: OnDelete) -> list[tuple[Entity, Property]]:
        return [(entity, lookup) for entity, lookup in self._lookups if lookup.on_delete is behavior]

    def _family(self, rows: Sequence[Row], session: Session) -> dict[Value, _Going]:
        """The rows, and those of the same table that go with them, by key; rows in a ring are met once."""
        family = {row[self._key]: _Going(row, row[self._key]) for row in rows}
        own = [lookup for entity, lookup in self._having(OnDelete.CASCADE) if entity.table is self._table]
        frontier = list(family)
        while frontier:
            found = []
            for lookup in own:
                for row in session.rows(self._table.name, lookup.storage, frontier, lock=True):
                    if row[self._key] not in family:
                        family[row[self._key]] = _Going(row, family[row[lookup.storage]].root)
                        found.append(row[self._key])
            frontier = found
        return family

    def _cascade(
        self, entity: Entity, lookup: Property, keys: Mapping[Value, _Going], session: Session
    ) -> list[tuple[Value, Problem]]:
        """Delete the rows of another table that point at rows; which of these must stay because one of those does."""
        # Links go first, so that rows of several tables in a ring are met once.
        children = _let_go(entity, lookup, keys, session)
        if not children:
            return []
        table = entity.table
        verdicts = self._known.get(table.name, NoRules()).before_delete(children, session)
        pairs = list(zip(children, verdicts, strict=True))
        session.delete(table.name, [row[table.primary_key] for row, verdict in pairs if verdict is None])
        return [(row[lookup.storage], verdict) for row, verdict in pairs if verdict is not None]


def _let_go(entity: Entity, lookup: Property, keys: Mapping[Value, _Going], session: Session) -> list[Row]:
    """Clear the lookups that point at rows; the rows that had them."""
    table = entity.table
    children = session.rows(table.name, lookup.storage, keys, lock=True)
    session.update(table.name, [{table.primary_key: row[table.primary_key], lookup.storage: None} for row in children])
    return children


def _held(entity: Entity, lookup: Property, key: Value) -> Problem:
    message = f"{lookup.name} of at least one {entity.name} points at {key}; change or delete those rows first"
    return Problem(ProblemKind.IN_USE, message, field=lookup.name, value=str(key))
