"""Checks that follow from an entity's definition, whatever the rules of its table are."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from p2c.database.session import Session
from p2c.edm.change import Change, ProblemKind
from p2c.edm.entity import Entity, Table
from p2c.edm.values import LARGEST_DECIMAL, EdmType, Value
from p2c.odata.service.identity import Absent


def check_choices(entity: Entity, changes: Iterable[Change]) -> None:
    """Refuse values that are not members of their choice set."""
    known = _choices(entity)
    for change in changes:
        values = change.values
        among = values.keys() & known.keys()
        bad = {name for name in among if values[name] is not None and values[name] not in known[name]}
        if bad:
            column = _first(known, bad)
            change.refuse(
                ProblemKind.BAD_CHOICE,
                f"{column} has no member {values[column]!r}; it knows {_shown(known[column])}",
                field=column,
                value=values[column],
            )


@lru_cache(maxsize=256)
def _choices(entity: Entity) -> Mapping[str, Mapping[object, object]]:
    """The members of each column that has a choice set, in their order: names of enums, else numbers."""
    return {
        item.storage: dict.fromkeys(item.choices.names if item.type is EdmType.ENUM else item.choices.by_value)
        for item in entity.properties
        if item.choices is not None and not item.path and item.type is not EdmType.BOOLEAN
    }


def check_range(entity: Entity, changes: Iterable[Change]) -> None:
    """Refuse numbers outside their column's bounds, and exact ones beyond what both products keep as money.

    Called before and after the rules calculate.
    """
    bounds = _bounds(entity.table)
    for change in changes:
        values = change.values
        bad = {name for name in values.keys() & bounds.keys() if not _is_within(values[name], *bounds[name])}
        if bad:
            column = _first(bounds, bad)
            (low, high), value = bounds[column], values[column]
            change.refuse(
                ProblemKind.OUT_OF_RANGE,
                f"{column} {value:.3E} is outside {low:f} to {high:f}; correct it",
                field=column,
                value=str(value)[:40],
            )


@lru_cache(maxsize=256)
def _bounds(table: Table) -> Mapping[str, tuple[Decimal, Decimal]]:
    """The least and the largest number of each column that has bounds."""
    return {
        item.storage: (
            -LARGEST_DECIMAL if item.minimum is None else item.minimum,
            LARGEST_DECIMAL if item.maximum is None else item.maximum,
        )
        for item in table.columns
        if item.type is EdmType.DECIMAL or item.minimum is not None or item.maximum is not None
    }


def _is_within(value: Value, low: Decimal, high: Decimal) -> bool:
    """Whether a value is no number or one inside its bounds. NaN and the like are not, and a Decimal of that kind
    cannot even be compared."""
    if isinstance(value, Decimal):
        return value.is_finite() and low <= value <= high
    return not isinstance(value, int | float) or low <= value <= high


def _first(columns: Iterable[str], bad: Container[str]) -> str:
    """The first of the bad columns as the entity lists them: that one is told."""
    return next(name for name in columns if name in bad)


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


def check_unique(entity: Entity, changes: Sequence[Change], session: Session, absent: Absent) -> None:
    """Refuse rows whose unique columns another row has, stored or earlier in the batch; what is `absent` is not
    asked for again."""
    table = entity.table
    for columns in table.unique:
        missing = absent.get((table.name, *columns), set())
        touched = [change for change in changes if any(change.sets(column) for column in columns)]
        tuples = [tuple([change.get(column) for column in columns]) for change in touched]
        folded = [table.folded(values) for values in tuples]
        asked = [values for values, key in zip(tuples, folded, strict=True) if key not in missing]
        taken: dict[tuple[Value, ...], Value] = {
            table.folded(tuple(row[column] for column in columns)): row[table.primary_key]
            for row in session.match(table.name, columns, asked, columns_out=(table.primary_key, *columns))
        }
        for change, values, key in zip(touched, tuples, folded, strict=True):
            if None in values or change.problem is not None:
                continue
            if taken.setdefault(key, change.key) != change.key:
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
