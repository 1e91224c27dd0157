"""Words to declare properties with: one call is one property."""

from __future__ import annotations

from collections.abc import Mapping

from p2c.edm.property import Choice, Choices, Property, Required
from p2c.edm.values import EdmType, Value

MONEY_SCALE = 4
DECIMAL_SCALE = 10


def text(
    name: str,
    max_length: int | None,
    label: str,
    *,
    required: Required = Required.NONE,
    read_only: bool = False,
    default: str | None = None,
    column: str = "",
) -> Property:
    """Text of at most `max_length` characters (None: no limit)."""
    return Property(
        name=name,
        type=EdmType.STRING,
        label=label,
        max_length=max_length,
        required=required,
        read_only=read_only,
        default=default,
        column=column,
    )


def whole(
    name: str,
    label: str,
    *,
    required: Required = Required.NONE,
    read_only: bool = False,
    default: int | None = None,
    big: bool = False,
) -> Property:
    """A whole number of 32 bits, or 64 when `big`."""
    kind = EdmType.INT64 if big else EdmType.INT32
    return Property(name=name, type=kind, label=label, required=required, read_only=read_only, default=default)


def decimal(
    name: str,
    label: str,
    *,
    scale: int = DECIMAL_SCALE,
    required: Required = Required.NONE,
    read_only: bool = False,
    default: Value = None,
) -> Property:
    """An exact number with at most `scale` decimal places."""
    return Property(
        name=name,
        type=EdmType.DECIMAL,
        label=label,
        scale=scale,
        required=required,
        read_only=read_only,
        default=default,
    )


def money(
    name: str,
    label: str,
    *,
    required: Required = Required.NONE,
    read_only: bool = False,
    default: Value = None,
) -> Property:
    """An amount in the row's currency, kept with four decimal places; rules round it to the currency."""
    return Property(
        name=name,
        type=EdmType.DECIMAL,
        label=label,
        scale=MONEY_SCALE,
        required=required,
        read_only=read_only,
        default=default,
        money=True,
    )


def boolean(
    name: str,
    label: str,
    *,
    false: str = "No",
    true: str = "Yes",
    default: bool | None = None,
    read_only: bool = False,
    required: Required = Required.NONE,
) -> Property:
    """Yes or no, with the labels of both."""
    return Property(
        name=name,
        type=EdmType.BOOLEAN,
        label=label,
        required=required,
        choices=Choices(name, (Choice(0, "false", false), Choice(1, "true", true))),
        default=default,
        read_only=read_only,
    )


def choice(
    name: str,
    label: str,
    options: Mapping[int, str] | Choices,
    *,
    required: Required = Required.NONE,
    default: int | None = None,
    read_only: bool = False,
) -> Property:
    """A choice sent as its number: `options` are number to label, or a shared choice set."""
    members = options if isinstance(options, Choices) else choices(name, options)
    return Property(
        name=name,
        type=EdmType.INT32,
        label=label,
        choices=members,
        required=required,
        default=default,
        read_only=read_only,
    )


def choices(name: str, options: Mapping[int, str]) -> Choices:
    """A choice set from number to label."""
    return Choices(name, tuple(Choice(value, label, label) for value, label in options.items()))


def status(name: str, label: str, options: Mapping[int, tuple[int, str]], *, default: int | None = None) -> Property:
    """A status reason: number to (state it belongs to, label)."""
    members = tuple(Choice(value, text_, text_, state) for value, (state, text_) in options.items())
    return Property(name=name, type=EdmType.INT32, label=label, choices=Choices(name, members), default=default)


def enum(
    name: str,
    label: str,
    members: Choices,
    *,
    required: Required = Required.NONE,
    default: str | None = None,
    read_only: bool = False,
    path: tuple[str, ...] = (),
) -> Property:
    """A choice sent and kept as its member's name."""
    return Property(
        name=name,
        type=EdmType.ENUM,
        label=label,
        choices=members,
        required=required,
        default=default,
        read_only=read_only,
        path=path,
    )


def members(name: str, *names: str, start: int = 0) -> Choices:
    """An enum from member names, numbered from `start`."""
    return Choices(name, tuple(Choice(start + i, member, member) for i, member in enumerate(names)))


def numbered(name: str, values: Mapping[str, int]) -> Choices:
    """An enum from member name to stored number."""
    return Choices(name, tuple(Choice(value, member, member) for member, value in values.items()))


def instant(name: str, label: str, *, required: Required = Required.NONE, read_only: bool = False) -> Property:
    """A point in time, aware UTC."""
    return Property(name=name, type=EdmType.DATETIME, label=label, required=required, read_only=read_only)


def day(name: str, label: str, *, required: Required = Required.NONE, read_only: bool = False) -> Property:
    """A calendar day."""
    return Property(name=name, type=EdmType.DATE, label=label, required=required, read_only=read_only)


def guid(name: str, label: str, *, read_only: bool = False) -> Property:
    """A GUID that points at nothing we keep."""
    return Property(name=name, type=EdmType.GUID, label=label, read_only=read_only)


def lookup(
    name: str,
    label: str,
    *targets: str,
    navigations: tuple[str, ...] = (),
    inverses: tuple[str, ...] = (),
    type: EdmType = EdmType.GUID,
    required: Required = Required.NONE,
    read_only: bool = False,
) -> Property:
    """A lookup to one entity (navigation property: the lookup's name) or several (`<name>_<target>` each)."""
    default = (name,) if len(targets) == 1 else tuple(f"{name}_{target}" for target in targets)
    return Property(
        name=name,
        type=type,
        label=label,
        targets=targets,
        navigations=navigations or default,
        inverses=inverses,
        required=required,
        read_only=read_only,
    )


def through(name: str, label: str, source: Property, *path: str, required: Required = Required.NONE) -> Property:
    """A value reached through lookups or references, shaped like `source`."""
    return Property(
        name=name,
        type=source.type,
        label=label,
        max_length=source.max_length,
        scale=source.scale,
        choices=source.choices,
        required=required,
        path=path,
    )
