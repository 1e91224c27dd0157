"""Deletes rows' relations: refuses rows in use, clears lookups, deletes what belongs to the row."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.database.session import Session
from p2c.edm.change import Problem
from p2c.edm.property import OnDelete
from p2c.edm.values import Row, Value
from p2c.sales.rules.relations import RELATIONS, Relation, in_use


def delete_related(
    table: str, rows: Sequence[Row], verdicts: Sequence[Problem | None], session: Session
) -> list[Problem | None]:
    """
    Prepare a delete: one query a relation for all rows.

    Args:
        verdicts: Why each row may not be deleted, as far as it is known.

    Returns:
        The verdicts with those of rows in use; relations of rows that may go are cleared and deleted.
    """
    primary = session.storage.definitions[table].primary_key
    relations = RELATIONS.get(table, ())
    judged = {row[primary]: verdict for row, verdict in zip(rows, verdicts, strict=True)}
    for relation in relations:
        if relation.on_delete is OnDelete.RESTRICT:
            open_keys = [key for key, verdict in judged.items() if verdict is None]
            for key in _pointed_at(relation, open_keys, session):
                judged[key] = judged[key] or in_use(table, key, relation)
    gone = [key for key, verdict in judged.items() if verdict is None]
    for relation in relations:
        if relation.on_delete is OnDelete.REMOVE_LINK:
            _remove_links(relation, gone, session)
        elif relation.on_delete is OnDelete.CASCADE:
            session.delete(relation.table, _keys(relation, gone, session))
    return [judged[row[primary]] for row in rows]


def _pointed_at(relation: Relation, keys: Sequence[Value], session: Session) -> set[Value]:
    rows = session.rows(relation.table, relation.column, keys, (relation.column,))
    return {row[relation.column] for row in rows}


def _keys(relation: Relation, keys: Sequence[Value], session: Session) -> list[Value]:
    primary = session.storage.definitions[relation.table].primary_key
    return [row[primary] for row in session.rows(relation.table, relation.column, keys, (primary,))]


def _remove_links(relation: Relation, keys: Sequence[Value], session: Session) -> None:
    primary = session.storage.definitions[relation.table].primary_key
    updates: list[Row] = [
        {primary: key, relation.column: None, **relation.cleared} for key in _keys(relation, keys, session)
    ]
    session.update(relation.table, updates)
