"""Reads FetchXML into a tree: which columns of which tables, joined how, under which conditions."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field

from p2c.odata.query.errors import QueryError

MAX_PAGE = 5000
MAX_LINKS = 15
MAX_NESTING = 30
PARTS = ("day", "week", "month", "quarter", "year")
"""What dates are grouped by; fiscal periods are not offered."""
BASE = ""
"""The alias of the first table."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column to tell, under its alias where it has one; `aggregate` and `group` only in queries that aggregate.
    `part` is what a date is grouped by: `year`, `month` and so on."""

    name: str
    alias: str = ""
    aggregate: str = ""
    distinct: bool = False
    group: bool = False
    part: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition; `table` is the alias of a linked table, empty for the table that it stands in. `other` is a
    column that the value stands in, with the alias of its table and a dot before it where that is another."""

    name: str
    operator: str
    values: tuple[str, ...] = ()
    table: str = ""
    other: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions and filters of which all hold, or one."""

    every: bool
    conditions: tuple[Condition, ...] = ()
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """A column, or in queries that aggregate an alias, to order by; `table` is as in a condition."""

    name: str
    descending: bool = False
    table: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """A table with what is asked of it. Of a linked one `own` is its column and `outer` the column of the table
    that it is linked to."""

    entity: str
    columns: tuple[Column, ...] = ()
    everything: bool = False
    filters: tuple[Filter, ...] = ()
    orders: tuple[Order, ...] = ()
    links: tuple[Node, ...] = ()
    alias: str = BASE
    own: str = ""
    outer: str = ""
    inner_join: bool = True


@dataclass(frozen=True, slots=True)
class Fetch:
    """A query. `count` rows a page (0: the service's own size), `top` rows in all (None: no limit), after the first
    `skip` rows."""

    node: Node
    top: int | None = None
    skip: int = 0
    count: int = 0
    page: int = 1
    aggregate: bool = False
    distinct: bool = False
    counted: bool = False


@dataclass(slots=True)
class _Names:
    """Aliases given to linked tables without one, and how many tables there are."""

    taken: list[str] = field(default_factory=list)


def parse_fetch(text: str) -> Fetch:
    """
    Read a document.

    Raises:
        QueryError: It is no XML, or no FetchXML of the kind that is offered.
    """
    if "<!" in text:
        raise QueryError(text, text.index("<!"), "a document type or comment", "send the fetch element alone")
    try:
        root = ET.fromstring(text)
    except ET.ParseError as error:
        raise QueryError(text, 0, f"found no XML ({error})") from error
    entities = root.findall("entity")
    if root.tag != "fetch" or len(entities) != 1:
        raise QueryError(text, 0, "expected <fetch> with one <entity> inside")
    return Fetch(
        _node(entities[0], _Names(), 1),
        top=_number(root, "top") or None,
        count=_number(root, "count"),
        page=max(_number(root, "page"), 1),
        aggregate=_flag(root, "aggregate"),
        distinct=_flag(root, "distinct"),
        counted=_flag(root, "returntotalrecordcount"),
    )


def _node(element: ET.Element, names: _Names, level: int) -> Node:
    if level > MAX_NESTING:
        raise _wrong(element, f"more than {MAX_NESTING} tables in one another")
    linked = element.tag == "link-entity"
    alias = BASE
    if linked:
        names.taken.append(element.get("alias") or f"{_needed(element, 'name')}{len(names.taken) + 1}")
        alias = names.taken[-1]
        if len(names.taken) > MAX_LINKS or names.taken.count(alias) > 1:
            raise _wrong(element, f"at most {MAX_LINKS} linked tables, each with another alias")
        if element.get("link-type", "inner") not in ("inner", "outer"):
            raise _wrong(element, "link-type is inner or outer here")
    return Node(
        entity=_needed(element, "name"),
        columns=tuple(_column(child) for child in element.findall("attribute")),
        everything=element.find("all-attributes") is not None or (not linked and element.find("attribute") is None),
        filters=tuple(_filter(child, 1) for child in element.findall("filter")),
        orders=tuple(_order(child) for child in element.findall("order")),
        links=tuple(_node(child, names, level + 1) for child in element.findall("link-entity")),
        alias=alias,
        own=_needed(element, "from") if linked else "",
        outer=_needed(element, "to") if linked else "",
        inner_join=element.get("link-type", "inner") == "inner",
    )


def _column(element: ET.Element) -> Column:
    part = element.get("dategrouping", "")
    if part and part not in PARTS:
        raise _wrong(element, f"dategrouping is one of {', '.join(PARTS)} here")
    return Column(
        _needed(element, "name"),
        element.get("alias", ""),
        element.get("aggregate", ""),
        _flag(element, "distinct"),
        _flag(element, "groupby"),
        part,
    )


def _order(element: ET.Element) -> Order:
    name = element.get("alias") or _needed(element, "attribute")
    return Order(name, _flag(element, "descending"), element.get("entityname", ""))


def _filter(element: ET.Element, level: int) -> Filter:
    if level > MAX_NESTING:
        raise _wrong(element, f"more than {MAX_NESTING} filters in one another")
    return Filter(
        element.get("type", "and") != "or",
        tuple(_condition(child) for child in element.findall("condition")),
        tuple(_filter(child, level + 1) for child in element.findall("filter")),
    )


def _condition(element: ET.Element) -> Condition:
    values = tuple(_values(element))
    return Condition(
        _needed(element, "attribute"),
        _needed(element, "operator"),
        values,
        element.get("entityname", ""),
        element.get("valueof", ""),
    )


def _values(element: ET.Element) -> Iterator[str]:
    single = element.get("value")
    if single is not None:
        yield single
    for child in element.findall("value"):
        yield child.text or ""


def _needed(element: ET.Element, name: str) -> str:
    value = element.get(name, "")
    if not value:
        raise _wrong(element, f"<{element.tag}> needs {name}=…")
    return value


def _flag(element: ET.Element, name: str) -> bool:
    return element.get(name, "false").lower() in ("true", "1")


def _number(element: ET.Element, name: str) -> int:
    text = element.get(name, "0")
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise _wrong(element, f"{name} is a whole number")
    return int(text)


def _wrong(element: ET.Element, reason: str) -> QueryError:
    return QueryError(ET.tostring(element, encoding="unicode"), 0, reason)
