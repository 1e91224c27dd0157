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
    owners: tuple[str, ...] = (),
    activity: bool = False,
    keys: tuple[AlternateKey, ...] = (),
    unique: tuple[tuple[str, ...], ...] = (),
    indexes: tuple[tuple[str, ...], ...] = (),
) -> Entity:
    """
    An entity and its table of the same shape.

    Adds the GUID key (`<name>id` unless `primary_key` says otherwise, as for activities), a `_base` twin and
    `exchangerate` for money, ownership columns, and the audit columns (createdon, modifiedon, createdby,
    modifiedby, the users who did it in their names, versionnumber). Every lookup column that clients write is indexed.
    `owners` are the collections of its rows at business units, users and teams; the navigation properties of what an
    `activity` shares with all activities end in its name.
    """
    key = Property(name=primary_key or f"{name}id", type=EdmType.GUID, label=label, read_only=True)
    own = (
        key,
        *columns,
        *money_twins(columns, {column.name for column in columns}),
        *_ownership(name, ownership, owners, activity),
        *_audit(name, activity),
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


def _ownership(name: str, ownership: Ownership, owners: tuple[str, ...], activity: bool) -> tuple[Property, ...]:
    """The owner of a row; rows that belong to a parent show their parent's owner and cannot be assigned."""
    if ownership not in (Ownership.USER, Ownership.PARENT):
        return ()
    end = f"_{name}" if activity else ""
    unit, user, team = ((owner,) if owner else () for owner in owners or ("", "", ""))
    owner = lookup(
        "ownerid",
        N_("Owner"),
        "systemuser",
        "team",
        navigations=(f"ownerid{end}", f"ownerid{end}"),
        read_only=ownership is Ownership.PARENT,
    )
    return (
        owner,
        _kept("owningbusinessunit", N_("Owning Business Unit"), "businessunit", end, unit),
        _kept("owninguser", N_("Owning User"), "systemuser", end, user),
        _kept("owningteam", N_("Owning Team"), "team", end, team),
    )


def _audit(name: str, activity: bool) -> tuple[Property, ...]:
    end = f"_{name}" if activity else ""
    # The platform's names are older than columns for delegates, but for accounts.
    own = name if activity else f"{name}base"
    delegates = own if name == "account" else name
    return (
        instant("createdon", N_("Created On"), read_only=True),
        instant("modifiedon", N_("Modified On"), read_only=True),
        _kept("createdby", N_("Created By"), "systemuser", end, (f"lk_{own}_createdby",)),
        _kept("modifiedby", N_("Modified By"), "systemuser", end, (f"lk_{own}_modifiedby",)),
        _kept(
            "createdonbehalfby",
            N_("Created By (Delegate)"),
            "systemuser",
            end,
            (f"lk_{delegates}_createdonbehalfby",),
        ),
        _kept(
            "modifiedonbehalfby",
            N_("Modified By (Delegate)"),
            "systemuser",
            end,
            (f"lk_{delegates}_modifiedonbehalfby",),
        ),
        whole("versionnumber", N_("Version Number"), big=True, read_only=True),
    )


def _kept(name: str, label: str, target: str, end: str, inverses: tuple[str, ...]) -> Property:
    """A lookup that the platform keeps itself."""
    return lookup(name, label, target, navigations=(f"{name}{end}",), inverses=inverses, read_only=True)
