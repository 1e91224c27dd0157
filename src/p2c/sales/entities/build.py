"""How a Sales table is declared: its own columns, completed with what every table of the platform has."""

from __future__ import annotations

from collections.abc import Container, Sequence

from p2c.edm.declare import decimal, instant, lookup, whole
from p2c.edm.entity import AlternateKey, Entity, Ownership, Table
from p2c.edm.property import Property
from p2c.edm.values import EdmType
from p2c.text import N_

BASE_SCALE = 4


def sales_table(
    name: str,
    set_name: str,
    label: str,
    plural: str,
    *columns: Property,
    name_property: str,
    primary_key: str = "",
    ownership: Ownership = Ownership.ORGANIZATION,
    owner_navigation: str = "ownerid",
    keys: tuple[AlternateKey, ...] = (),
    unique: tuple[tuple[str, ...], ...] = (),
    indexes: tuple[tuple[str, ...], ...] = (),
) -> Entity:
    """
    An entity and its table of the same shape.

    Adds the GUID key (`<name>id` unless `primary_key` says otherwise, as for activities), a `_base` twin and
    `exchangerate` for money, ownership columns, and the audit columns (createdon, modifiedon, createdby,
    modifiedby, versionnumber). Every lookup column that clients write is indexed.
    """
    key = Property(name=primary_key or f"{name}id", type=EdmType.GUID, label=label, read_only=True)
    own = (
        key,
        *columns,
        *money_twins(columns, {column.name for column in columns}),
        *_ownership(ownership, owner_navigation),
        *_audit(),
    )
    names = [column.name for column in own]
    if len(set(names)) != len(names):
        twice = sorted({column for column in names if names.count(column) > 1})
        raise ValueError(f"{name} declares {', '.join(twice)} twice")
    lookups = tuple((column.name,) for column in own if column.is_lookup and not column.read_only)
    table = Table(
        name=name,
        columns=own,
        primary_key=key.name,
        unique=(*(alternate.properties + alternate.within for alternate in keys), *unique),
        indexes=(*lookups, *indexes),
    )
    return Entity(
        name=name,
        set_name=set_name,
        label=label,
        plural=plural,
        properties=own,
        key=(key.name,),
        table=table,
        name_property=name_property,
        alternate_keys=keys,
        ownership=ownership,
    )


def money_twins(columns: Sequence[Property], declared: Container[str]) -> tuple[Property, ...]:
    """What stands beside amounts: each one's twin in the base currency and, if not `declared`, the exchange rate."""
    amounts = [column for column in columns if column.money]
    if not amounts:
        return ()
    twins = tuple(
        Property(
            name=f"{amount.name}_base",
            type=EdmType.DECIMAL,
            label=f"{amount.label} (Base)",
            scale=BASE_SCALE,
            read_only=True,
        )
        for amount in amounts
    )
    rate = () if "exchangerate" in declared else (decimal("exchangerate", N_("Exchange Rate"), read_only=True),)
    return (*twins, *rate)


def _ownership(ownership: Ownership, navigation: str) -> tuple[Property, ...]:
    """The owner of a row; rows that belong to a parent show their parent's owner and cannot be assigned."""
    if ownership not in (Ownership.USER, Ownership.PARENT):
        return ()
    inherited = ownership is Ownership.PARENT
    owner = lookup(
        "ownerid",
        N_("Owner"),
        "systemuser",
        "team",
        navigations=(navigation, navigation),
        read_only=inherited,
    )
    return (
        owner,
        lookup("owningbusinessunit", N_("Owning Business Unit"), "businessunit", read_only=True),
        lookup("owninguser", N_("Owning User"), "systemuser", read_only=True),
        lookup("owningteam", N_("Owning Team"), "team", read_only=True),
    )


def _audit() -> tuple[Property, ...]:
    return (
        instant("createdon", N_("Created On"), read_only=True),
        instant("modifiedon", N_("Modified On"), read_only=True),
        lookup("createdby", N_("Created By"), "systemuser", read_only=True),
        lookup("modifiedby", N_("Modified By"), "systemuser", read_only=True),
        whole("versionnumber", N_("Version Number"), big=True, read_only=True),
    )
