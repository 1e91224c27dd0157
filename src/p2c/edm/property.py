"""One property of an entity: its type, bounds, choices, and where its value lives."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from p2c.edm.values import EdmType, Value


class Required(Enum):
    """How badly a value is needed. BUSINESS and SYSTEM are refused when missing on create."""

    NONE = "None"
    RECOMMENDED = "Recommended"
    BUSINESS = "ApplicationRequired"
    SYSTEM = "SystemRequired"

    @property
    def mandatory(self) -> bool:
        """Whether a row without the value is refused."""
        return self in (Required.BUSINESS, Required.SYSTEM)


class OnDelete(Enum):
    """What happens to rows that point at a row when it is deleted."""

    RESTRICT = "Restrict"
    """It stays while rows point at it."""
    REMOVE_LINK = "RemoveLink"
    """The lookups that point at it are cleared."""
    CASCADE = "Cascade"
    """The rows that point at it are deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Custom:
    """What is known beside the rest of a table, column or key that was added to an environment.

    `schema_name` is its name as it was first typed. A column's `kind` is its type in the platform's metadata
    (`Memo`), its `format` how values are meant (`Email`, `DateOnly`), its `behavior` how times are.
    """

    schema_name: str
    description: str = ""
    kind: str = ""
    format: str = ""
    behavior: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One member of a choice set. `state` is the statecode that a status reason belongs to."""

    value: int
    name: str
    label: str
    state: int | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """A choice set (option set, enum, picklist): a name and its members in display order."""

    name: str
    members: tuple[Choice, ...]

    @property
    def by_value(self) -> dict[int, Choice]:
        """Members by their integer value."""
        return {member.value: member for member in self.members}

    @property
    def names(self) -> tuple[str, ...]:
        """Member names in order."""
        return tuple(member.name for member in self.members)


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One named value of an entity.

    `targets` makes it a lookup: the value is the primary key of a row of one of these entities
    (several: polymorphic, the entity's name is stored beside it in `<name>_type`).
    `path` makes it a value reached through lookups or references of the table, last part a column:
    `("Account", "AccountId")`. It is written by naming the row on the other side, when the whole key is given.
    `column` is the storage column when it differs from the name; `scale` counts decimal places.
    `navigations` are the navigation property names of a lookup, one a target, in the order of `targets`;
    `inverses` are the collection navigation properties at the targets, in the same order; without them they
    are called `<target>_<entity>_<lookup>`.
    `minimum` and `maximum` bound numbers, both included. `custom` is set when the environment's users added it;
    `on_delete` holds for lookups that they added, shipped ones are settled by the rules of their tables.
    """

    name: str
    type: EdmType
    label: str = ""
    max_length: int | None = None
    scale: int | None = None
    required: Required = Required.NONE
    read_only: bool = False
    choices: Choices | None = None
    targets: tuple[str, ...] = ()
    navigations: tuple[str, ...] = ()
    inverses: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    column: str = ""
    default: Value = None
    money: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    on_delete: OnDelete = OnDelete.REMOVE_LINK
    custom: Custom | None = None

    @property
    def storage(self) -> str:
        """Name of the table column that holds the value (meaningless for a `path` property)."""
        return self.column or self.name

    @property
    def is_lookup(self) -> bool:
        """Whether the value points at a row of another entity."""
        return bool(self.targets)

    @property
    def polymorphic(self) -> bool:
        """Whether the lookup may point at rows of several entities."""
        return len(self.targets) > 1

    def inverse(self, entity: str, target: str) -> str:
        """The collection navigation property at a target of rows of the entity that has this lookup."""
        known = dict(zip(self.targets, self.inverses, strict=False))
        return known.get(target) or f"{target}_{entity}_{self.name}"

    def reached_by(self, navigation: str) -> tuple[str, ...]:
        """The targets of a navigation property; an owner's single one leads to users and teams alike."""
        return tuple(target for target, name in zip(self.targets, self.navigations, strict=True) if name == navigation)
