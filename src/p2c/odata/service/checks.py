"""Checks that follow from an entity's definition, whatever the rules of its table are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from p2c.database.session import Session
from p2c.edm.change import Change, ProblemKind
from p2c.edm.entity import Entity
from p2c.edm.values import LARGEST_DECIMAL, EdmType, Value


def check_choices(entity: Entity, changes: Iterable[Change]) -> None:
    """Refuse values that are not members of their choice set."""
    known: list[tuple[str, frozenset[object], str]] = []
    for item in entity.properties:
        if item.choices is None or item.path or item.type is EdmType.BOOLEAN:
            continue
        by_name = item.type is EdmType.ENUM
        members = item.choices.names if by_name else tuple(item.choices.by_value)
        known.append((item.storage, frozenset(members), _shown(item.choices.names if by_name else members)))
    for change in changes:
        for column, allowed, shown in known:
            value = change.values.get(column)
            if value is not None and value not in allowed:
                change.refuse(
                    ProblemKind.BAD_CHOICE,
                    f"{column} has no member {value!r}; it knows {shown}",
                    field=column,
                    value=value,
                )


def check_range(entity: Entity, changes: Iterable[Change]) -> None:
    """Refuse numbers outside their column's bounds, and exact ones beyond what both products keep as money.

    Called before and after the rules calculate.
    """
    bounds = [
        (
            item.storage,
            -LARGEST_DECIMAL if item.minimum is None else item.minimum,
            LARGEST_DECIMAL if item.maximum is None else item.maximum,
        )
        for item in entity.table.columns
        if item.type is EdmType.DECIMAL or item.minimum is not None or item.maximum is not None
    ]
    for change in changes:
        for column, low, high in bounds:
            value = change.values.get(column)
            if isinstance(value, Decimal | int | float) and not _is_within(value, low, high):
                change.refuse(
                    ProblemKind.OUT_OF_RANGE,
                    f"{column} {value:.3E} is outside {low:f} to {high:f}; correct it",
                    field=column,
                    value=str(value)[:40],
                )


def _is_within(value: Decimal | float, low: Decimal, high: Decimal) -> bool:
    """Whether a number is inside its bounds; what is no number at all is not, and a Decimal of that kind cannot even
    be compared."""
    return (not isinstance(value, Decimal) or value.is_finite()) and low <= value <= high


def check_required(entity: Entity, changes: Iterable[Change]) -> None:
    """Refuse new rows without, and changes that empty, a mandatory value."""
    mandatory = [
        item.storage for item in entity.properties if item.required.mandatory and not item.path and not item.read_only
    ]
    for change in changes:
        for column in mandatory:
            if (change.is_create or column in change.values) and change.values.get(column) in (None, ""):
                change.refuse(ProblemKind.REQUIRED, f"{column} is required and has no value; give it one", field=column)
                break


def check_unique(entity: Entity, changes: Sequence[Change], session: Session) -> None:
    """Refuse rows whose unique columns another row has, stored or earlier in the batch."""
    table = entity.table
    for columns in table.unique:
        touched = [change for change in changes if any(change.sets(column) for column in columns)]
        tuples = {change.number: tuple(change.get(column) for column in columns) for change in touched}
        taken: dict[tuple[Value, ...], Value] = {
            table.folded(tuple(row[column] for column in columns)): row[table.primary_key]
            for row in session.match(table.name, columns, tuples.values(), columns_out=(table.primary_key, *columns))
        }
        for change in touched:
            values = tuples[change.number]
            if None in values or change.problem is not None:
                continue
            if taken.setdefault(table.folded(values), change.key) != change.key:
                shown = ", ".join(str(value) for value in values)
                change.refuse(
                    ProblemKind.DUPLICATE_KEY,
                    f"another row of {entity.name} has {', '.join(columns)} = {shown}; use another value",
                    field=columns[-1] if "dataAreaId" in columns else columns[0],
                    value=shown,
                )


def _shown(members: Iterable[object]) -> str:
    words = [str(member) for member in members]
    return ", ".join(words[:12]) + (", …" if len(words) > 12 else "")
