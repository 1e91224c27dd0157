"""What a template says: tasks, legs, conditions and field maps, as typed values.

Line numbers point into the template's file (1-based, 0 when there is none) and take no part in comparisons.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import TypeAlias

Scalar: TypeAlias = "str | int | bool | Decimal | None"

SALES = "sales"
COMMONDATA = "commondata"
OPERATIONS = "operations"
ENVIRONMENTS = (SALES, COMMONDATA, OPERATIONS)

_OWN_OR_RELATED = re.compile(r"(?:(?P<lookup>\w+)\.)?(?P<field>\w+)")
_POLYMORPHIC = re.compile(r"(?P<lookup>\w+)(?P<targets>(?:\.\w+\(\w+\))+)")
_TARGET = re.compile(r"\.(\w+)\((\w+)\)")


class Form(Enum):
    """Whether rows pass through the hub (two legs a task) or not (one leg)."""

    VIA_CDS = "via-cds"
    DIRECT = "direct"

    @property
    def legs(self) -> int:
        """How many legs each task has."""
        return 2 if self is Form.VIA_CDS else 1


@dataclass(frozen=True, slots=True)
class SourceField:
    """One value of the source row.

    An own field has only `field`. A related field (`productid.productnumber`) adds the `lookup` it is reached
    through. A polymorphic one (`customerid.Account(accountnumber).Contact(msdynce_contactnumber)`) has
    `targets` instead of `field`: pairs (entity as the template spells it, field).
    """

    field: str = ""
    lookup: str = ""
    targets: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> SourceField:
        """
        The field as a template spells it.

        Raises:
            ValueError: If it is neither `field` nor `lookup.field` nor `lookup.Entity(field).Entity(field)`.
        """
        if match := _OWN_OR_RELATED.fullmatch(text):
            return cls(match["field"], match["lookup"] or "")
        if match := _POLYMORPHIC.fullmatch(text):
            found = _TARGET.findall(match["targets"])
            return cls(lookup=match["lookup"], targets=tuple((entity, field) for entity, field in found))
        raise ValueError(f"{text!r} is not a field; write field, lookup.field or lookup.Entity(field)")

    @property
    def name(self) -> str:
        """The key under which the value stands in a source row: the field as the template spells it."""
        if self.targets:
            return ".".join((self.lookup, *(f"{entity}({field})" for entity, field in self.targets)))
        return f"{self.lookup}.{self.field}" if self.lookup else self.field

    @property
    def is_related(self) -> bool:
        """Whether the value stands in another row that a lookup points at."""
        return bool(self.lookup)


@dataclass(frozen=True, slots=True)
class TransformCall:
    """One use of a transform: its name and arguments (for `value_map` the entries themselves)."""

    name: str
    arguments: tuple[tuple[str, Scalar], ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class FieldMap:
    """How one destination field gets its value.

    The sources' value passes through the transforms in order; `default` fills it when it is blank in the end,
    or when there is no source. `to` is a field of the destination, or `<lookup>.<field>` for the row with
    that value. `default` None means that there is none.
    """

    to: str
    sources: tuple[SourceField, ...] = ()
    transforms: tuple[TransformCall, ...] = ()
    default: Scalar = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Condition:
    """Rows for which the OData `filter` is not true stay behind, `because` of this reason."""

    filter: str
    because: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class End:
    """One end of a leg: an entity set of an environment and its integration key (without the company)."""

    environment: str
    entity: str
    key: tuple[str, ...]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Leg:
    """Read from one entity, map, write to one entity.

    With a `query` (SQL over entity sets of the source's environment) its result stands in for the source's rows: one
    row a source row, with the columns as fields.
    """

    source: End
    destination: End
    where: tuple[Condition, ...]
    fields: tuple[FieldMap, ...]
    query: str = ""
    line: int = field(default=0, compare=False)
    query_line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class MatchRule:
    """How rows are recognised that stand on both sides before the first run.

    `on` pairs fields of the first leg's source with fields of the last leg's destination: all must have the same value,
    in text without regard to case unless `ignore_case` is off.
    """

    on: tuple[tuple[str, str], ...]
    ignore_case: bool = True
    line: int = field(default=0, compare=False)


class OnConflict(Enum):
    """Whose value stays where both sides have changed a field since the last run."""

    SOURCE = "source"
    DESTINATION = "destination"
    NEWEST = "newest"
    """That of the side whose row was changed last."""
    ASK = "ask"
    """A person decides: the row is rejected."""


class OnDelete(Enum):
    """What becomes of a destination row when its source row is deleted."""

    IGNORE = "ignore"
    DEACTIVATE = "deactivate"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Task:
    """One entity flow of a template.

    `needs` names templates, or earlier tasks of the same template, that run before when they are used at all.
    `on_delete` is for the row that the last leg wrote; a row in between is deleted, so that the last leg hears of it.
    `inactive` are the destination fields, with their values, that make a row inactive. `on_conflict` holds on each leg.
    """

    name: str
    legs: tuple[Leg, ...]
    needs: tuple[str, ...] = ()
    on_delete: OnDelete = OnDelete.IGNORE
    inactive: tuple[tuple[str, Scalar], ...] = ()
    on_conflict: OnConflict = OnConflict.SOURCE
    match: MatchRule | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Template:
    """A blueprint for a project: tasks in the order they run. `file` is where it was read from."""

    name: str
    label: str
    form: Form
    version: int
    tasks: tuple[Task, ...]
    file: str = field(default="", compare=False)
