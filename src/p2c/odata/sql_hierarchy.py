"""Rows above and under a row of a table whose rows have parents among themselves, as SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, cast, literal, select

from p2c.edm.entity import Entity
from p2c.edm.values import Value
from p2c.odata.source import EntitySource

HIERARCHY = ("Above", "AboveOrEqual", "Under", "UnderOrEqual", "NotUnder")


def related_keys(name: str, entity: Entity, key: Value, source: EntitySource) -> Select[Any] | None:
    """
    The primary keys of the rows that stand above or under the row with this key; None when rows of the entity
    have no parents. A circle of parents ends where it began.
    """
    parent = next((item for item in entity.lookups if item.targets == (entity.name,)), None)
    table = source.table_of(entity.name)
    if parent is None or table is None:
        return None
    own, upper = table.c[entity.table.primary_key], table.c[parent.storage]
    start = literal(key, own.type)
    above = name.startswith("Above")
    begun = select((upper if above else own).label("key")).where((own if above else upper) == start)
    found = (
        begun.where(upper.is_not(None)).cte("related", recursive=True)
        if above
        else begun.cte("related", recursive=True)
    )
    step = table.alias()
    further_own, further_upper = step.c[entity.table.primary_key], step.c[parent.storage]
    if above:
        step_query = select(further_upper).where(further_own == found.c.key, further_upper.is_not(None))
    else:
        step_query = select(further_own).where(further_upper == found.c.key)
    found = found.union(step_query)
    keys: Select[Any] = select(found.c.key)
    if name.endswith("OrEqual"):
        return select(cast(start, own.type).label("key")).union_all(keys).subquery().select()
    return keys
