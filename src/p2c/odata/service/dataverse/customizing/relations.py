"""What happens along lookups that users have added when a row is deleted; shipped rules know shipped lookups only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from p2c.database.session import Session
from p2c.edm.change import Change, Problem, ProblemKind
from p2c.edm.entity import Entity, Model, Table
from p2c.edm.property import OnDelete, Property
from p2c.edm.values import Row, Value
from p2c.odata.service.rules import NoRules, TableRules


def with_relations(model: Model, rules: Mapping[str, TableRules]) -> Mapping[str, TableRules]:
    """The rules, those of tables with added relationships wrapped in rules that follow these."""
    pointing: dict[str, list[tuple[Entity, Property]]] = {}
    for link in model.many_to_many:
        for end in (link.first, link.second):
            pointing.setdefault(end.entity, [])
    for entity in model.entities:
        for item in entity.lookups:
            if item.custom is not None:
                pointing.setdefault(item.targets[0], []).append((entity, item))
    found = dict(rules)
    for name, lookups in pointing.items():
        table = model.entity[name].table
        links = [
            (link.table, end.column)
            for link in model.many_to_many
            for end in (link.first, link.second)
            if end.entity == name
        ]
        inner = rules.get(table.name, NoRules())
        found[table.name] = RelationRules(table.primary_key, inner, lookups, links, found)
    return found


class RelationRules:
    """The rules of a table, with those of the lookups that point at it and of the links in which its rows stand.

    `links` are tables of links and their column with the keys of this table; `known` are the rules of all tables.
    """

    def __init__(
        self,
        primary_key: str,
        inner: TableRules,
        lookups: Sequence[tuple[Entity, Property]],
        links: Sequence[tuple[Table, str]],
        known: Mapping[str, TableRules],
    ) -> None:
        self._key = primary_key
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
        """Refuse rows that are held fast, then ask the table's own rules, then let go or delete what points here."""
        key = self._key
        verdicts: dict[Value, Problem | None] = {row[key]: None for row in rows}
        for entity, lookup in self._having(OnDelete.RESTRICT):
            for row in session.rows(entity.table.name, lookup.storage, verdicts, (lookup.storage,)):
                verdicts[row[lookup.storage]] = _held(entity, lookup, row[lookup.storage])
        asked = [row for row in rows if verdicts[row[key]] is None]
        verdicts.update(
            (row[key], said) for row, said in zip(asked, self._inner.before_delete(asked, session), strict=True)
        )
        for entity, lookup in self._having(OnDelete.REMOVE_LINK):
            self._let_go(entity, lookup, _gone(verdicts), session)
        for entity, lookup in self._having(OnDelete.CASCADE):
            verdicts.update(self._cascade(entity, lookup, _gone(verdicts), session))
        for table, column in self._links:
            gone = session.rows(table.name, column, _gone(verdicts), (table.primary_key,))
            session.delete(table.name, [row[table.primary_key] for row in gone])
        return [verdicts[row[key]] for row in rows]

    def _having(self, behavior: OnDelete) -> list[tuple[Entity, Property]]:
        return [(entity, lookup) for entity, lookup in self._lookups if lookup.on_delete is behavior]

    def _let_go(self, entity: Entity, lookup: Property, keys: Sequence[Value], session: Session) -> list[Row]:
        """Clear the lookups that point at rows; the rows that had them."""
        table = entity.table
        children = session.rows(table.name, lookup.storage, keys, lock=True)
        session.update(
            table.name, [{table.primary_key: row[table.primary_key], lookup.storage: None} for row in children]
        )
        return children

    def _cascade(
        self, entity: Entity, lookup: Property, keys: Sequence[Value], session: Session
    ) -> dict[Value, Problem | None]:
        """Delete the rows that point at rows; why a row must stay because one of its children does."""
        # Links go first, so that rows that point at one another in a ring are met once.
        children = self._let_go(entity, lookup, keys, session)
        if not children:
            return {}
        table = entity.table
        rules = self._known.get(table.name, NoRules())
        verdicts = rules.before_delete(children, session)
        pairs = list(zip(children, verdicts, strict=True))
        session.delete(table.name, [row[table.primary_key] for row, verdict in pairs if verdict is None])
        return {row[lookup.storage]: verdict for row, verdict in pairs if verdict is not None}


def _gone(verdicts: Mapping[Value, Problem | None]) -> list[Value]:
    return [key for key, verdict in verdicts.items() if verdict is None]


def _held(entity: Entity, lookup: Property, key: Value) -> Problem:
    message = f"{lookup.name} of at least one {entity.name} points at {key}; change or delete those rows first"
    return Problem(ProblemKind.IN_USE, message, field=lookup.name, value=str(key))
