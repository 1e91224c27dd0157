"""A row on its way into a table: what rules see, complete and refuse."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from p2c.edm.values import Row, Value


class ProblemKind(Enum):
    """Why a row was refused; each protocol dialect has its own code and status for a kind."""

    REQUIRED = "a required value is missing"
    TOO_LONG = "text is longer than the column"
    OUT_OF_RANGE = "a number is outside its range"
    BAD_CHOICE = "not a member of the choice set"
    BAD_STATUS = "the status reason does not belong to the state"
    WRONG_TYPE = "the value has another type"
    UNKNOWN_FIELD = "the entity has no such field"
    LOOKUP_MISSING = "the row pointed at does not exist"
    DUPLICATE_KEY = "another row has this key"
    READ_ONLY = "the value or row cannot be changed"
    NOT_FOUND = "the row does not exist"
    EXISTS = "the row exists already"
    VERSION = "the row has changed since it was read"
    IN_USE = "other rows point at this one"
    RULE = "a business rule refused it"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one row was refused, in one English sentence that names the field, the value and the way out.

    `code` overrides the dialect's own error code where the real service has a special one.
    """

    kind: ProblemKind
    message: str
    field: str = ""
    value: Value = None
    code: str = ""


@dataclass(slots=True)
class Change:
    """One create or update. `values` are storage columns being set; rules may add to them.

    `stored` is the whole row as it was (None for a create); `number` is the row's place in the request.
    """

    number: int
    key: Value
    values: Row
    stored: Row | None = None
    problem: Problem | None = field(default=None)

    @property
    def is_create(self) -> bool:
        """Whether the row is new."""
        return self.stored is None

    def get(self, column: str) -> Value:
        """The column's value after this change."""
        if self.stored is None or column in self.values:
            return self.values.get(column)
        return self.stored.get(column)

    def old(self, column: str) -> Value:
        """The column's value before this change; None for a create."""
        return self.stored.get(column) if self.stored is not None else None

    def sets(self, column: str) -> bool:
        """Whether this change gives the column another value than it had."""
        return column in self.values and (self.stored is None or self.values[column] != self.stored.get(column))

    def refuse(self, kind: ProblemKind, message: str, *, field: str = "", value: Value = None, code: str = "") -> None:
        """Refuse the row; the first reason stays."""
        if self.problem is None:
            self.problem = Problem(kind, message, field=field, value=value, code=code)


def accepted(changes: Iterable[Change]) -> list[Change]:
    """The changes that nobody has refused so far."""
    return [change for change in changes if change.problem is None]
