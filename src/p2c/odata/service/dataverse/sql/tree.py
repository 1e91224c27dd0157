"""A SELECT as a tree, with names as they are written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Name:
    """A column as it is written, with the table's alias where one stands before it."""

    column: str
    table: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """What is selected: a column, or a function of one. `COUNT(*)` has no column."""

    name: Name | None
    function: str = ""
    distinct: bool = False
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Join:
    """A table joined where two columns are equal."""

    table: str
    alias: str
    inner: bool
    left: Name
    right: Name


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition on a column; the operator is FetchXML's."""

    name: Name
    operator: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Junction:
    """Conditions of which all hold, or one."""

    every: bool
    parts: tuple[Predicate | Junction, ...]


@dataclass(frozen=True, slots=True)
class Ordering:
    """A column, or the alias of one."""

    name: Name
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """A SELECT. `top` is the most rows in all, None without limit; `skip` rows are left out before them."""

    items: tuple[Item, ...]
    table: str
    alias: str
    distinct: bool = False
    joins: tuple[Join, ...] = ()
    where: Predicate | Junction | None = None
    groups: tuple[Name, ...] = ()
    orders: tuple[Ordering, ...] = ()
    top: int | None = None
    skip: int = 0
