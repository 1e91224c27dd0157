"""Reads the query string of a request into one typed value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import unquote_plus

from p2c.errors import nearest
from p2c.odata.query.ast import Expand, Expression, OrderItem
from p2c.odata.query.errors import QueryError
from p2c.odata.query.expand import parse_expand, parse_orderby, parse_select
from p2c.odata.query.filter import MAX_CONDITIONS, parse_filter

_KNOWN = frozenset(
    {"$select", "$filter", "$orderby", "$top", "$skip", "$count", "$expand"}
    | {"$apply", "$skiptoken", "$deltatoken", "$format", "$id"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryOptions:
    """What the part of a URL after `?` asks for.

    `select` is empty for all properties. `top` and `skip` are None when absent. `apply`, the tokens, `format`
    and `id` (the reference that `DELETE …/$ref?$id=…` removes) are the decoded texts. `custom` has the
    options without `$`, such as `cross-company`; `aliases` the parameter aliases by name, with their `@`.
    """

    select: tuple[str, ...] = ()
    filter: Expression | None = None
    orderby: tuple[OrderItem, ...] = ()
    top: int | None = None
    skip: int | None = None
    count: bool = False
    expand: tuple[Expand, ...] = ()
    apply: str | None = None
    skiptoken: str | None = None
    deltatoken: str | None = None
    format: str | None = None
    id: str | None = None
    fetch_xml: str | None = None
    sql: str | None = None
    custom: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    aliases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def parse_options(query_string: str, *, max_conditions: int = MAX_CONDITIONS) -> QueryOptions:
    """Read a query string as it came over the wire, without its `?`.

    `+` and `%20` are both spaces. A `$select`, `$filter`, `$orderby` or `$expand` without a value counts as
    absent, as the real services have it.

    Raises:
        TooManyConditions: A filter has more than `max_conditions`.
        QueryError: An unknown or repeated `$` option, or one that cannot be read.
    """
    standard, custom, aliases = _sorted_out(query_string)
    queries = {name.lower(): custom.pop(name) for name in list(custom) if name.lower() in ("fetchxml", "sql")}
    text = {name: value for name, value in standard.items() if value.strip()}
    where, order = text.get("$filter"), text.get("$orderby")
    return QueryOptions(
        select=parse_select(text["$select"]) if "$select" in text else (),
        filter=parse_filter(where, max_conditions=max_conditions, aliases=aliases) if where else None,
        orderby=parse_orderby(order, aliases=aliases) if order else (),
        top=_number(standard, "$top"),
        skip=_number(standard, "$skip"),
        count=_flag(standard, "$count"),
        expand=parse_expand(text["$expand"], max_conditions=max_conditions) if "$expand" in text else (),
        apply=standard.get("$apply"),
        skiptoken=standard.get("$skiptoken"),
        deltatoken=standard.get("$deltatoken"),
        format=standard.get("$format"),
        id=standard.get("$id"),
        fetch_xml=queries.get("fetchxml"),
        sql=queries.get("sql"),
        custom=MappingProxyType(custom),
        aliases=MappingProxyType(aliases),
    )


def _sorted_out(query_string: str) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """The `$` options, the custom options and the parameter aliases, decoded."""
    standard: dict[str, str] = {}
    custom: dict[str, str] = {}
    aliases: dict[str, str] = {}
    position = 0
    for part in query_string.split("&"):
        name, value = _decoded(query_string, part, position)
        if name.startswith("$"):
            _check_option(query_string, position, name, standard)
            standard[name] = value
        elif name.startswith("@"):
            aliases[name] = value
        elif name:
            custom[name] = value
        position += len(part) + 1
    return standard, custom, aliases


def _decoded(query_string: str, part: str, position: int) -> tuple[str, str]:
    name, _, value = part.partition("=")
    try:
        return unquote_plus(name, errors="strict").strip(), unquote_plus(value, errors="strict")
    except UnicodeError as error:
        hint = "percent-encode texts as UTF-8"
        raise QueryError(query_string, position, "found bytes that are not UTF-8", hint) from error


def _check_option(query_string: str, position: int, name: str, seen: Mapping[str, str]) -> None:
    if name not in _KNOWN:
        reason = f"found the unknown query option '{name[:40]}'"
        raise QueryError(query_string, position, reason, nearest(name, _KNOWN))
    if name in seen:
        raise QueryError(query_string, position, f"found {name} again, expected it once")


def _number(options: Mapping[str, str], name: str) -> int | None:
    text = options.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        raise QueryError(text, 0, f"expected a whole number from 0 for {name}")
    return int(text)


def _flag(options: Mapping[str, str], name: str) -> bool:
    text = options.get(name, "false")
    if text not in ("true", "false"):
        raise QueryError(text, 0, f"expected true or false for {name}")
    return text == "true"
