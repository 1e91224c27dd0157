"""What an SQL text is, by DuckDB's own parser: one SELECT, the tables it reads, the names it mentions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import duckdb
import msgspec

from p2c.integrator.mapping.resolve import UnresolvedError

LONGEST = 20_000
"""Characters of a query."""
_Node: TypeAlias = "dict[str, object]"

_QUERIES = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
_SOURCES = {"BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY"}
_RENAMING = _QUERIES - {"SELECT_NODE"} | {"PIVOT", "POSITIONAL_REFERENCE", "TABLE_FUNCTION", "EXPRESSION_LIST"}
_RENAMES = ("aliases", "column_name_alias", "rename_list", "columns")
"""Kinds of nodes, and lists in them, that give columns another name than their expressions say."""
_FUNCTIONS = {"range", "generate_series", "unnest"}
"""Table functions that read nothing."""


@dataclass(frozen=True, slots=True)
class Statement:
    """The tables that a query reads, as it spells them, and the names that it gives to parts of its own (WITH).

    `names` are all names that it mentions, in lower case; `every` when it may use columns without mentioning them.
    `given` are names that it gives to expressions, each with the names mentioned there, in lower case. Columns come by
    their names in other ways too where it is not `traceable`: by their place, by a list, by a pattern, as a whole row.
    """

    tables: tuple[str, ...]
    own: frozenset[str]
    names: frozenset[str]
    every: bool
    given: tuple[tuple[str, frozenset[str]], ...]
    traceable: bool


def read_statement(connection: duckdb.DuckDBPyConnection, sql: str) -> Statement:
    """
    Read an SQL text; nothing of it is run.

    Raises:
        UnresolvedError: It is anything but one SELECT over plain tables.
    """
    nodes = list(_nodes(_parsed(connection, sql)))
    for node in nodes:
        _refuse(node)
    tables = [node for node in nodes if node.get("type") == "BASE_TABLE"]
    called = {str(table[name]).lower() for table in tables for name in ("table_name", "alias")}
    rows = {str(node["alias"]).lower() for node in nodes if node.get("alias") and "class" not in node}
    return Statement(
        tables=tuple(dict.fromkeys(str(table["table_name"]) for table in tables)),
        # Only the parts of WITH have a key and a value.
        own=frozenset(str(node["key"]).lower() for node in nodes if node.keys() == {"key", "value"}),
        names=frozenset(text.lower() for node in nodes for text in _texts(node)),
        every=any(_takes_all(node, called) for node in nodes),
        given=tuple(
            (name.lower(), frozenset(text.lower() for inner in _nodes(made) for text in _texts(inner)))
            for node in nodes
            for name, made in _given(node)
        ),
        traceable=all(_is_traceable(node, called | rows) for node in nodes),
    )


def _parsed(connection: duckdb.DuckDBPyConnection, sql: str) -> _Node:
    if len(sql) > LONGEST:
        raise UnresolvedError(f"the query has {len(sql)} characters", f"write at most {LONGEST}")
    row = connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
    try:
        tree = msgspec.json.decode(str(row[0] if row else ""), type=dict[str, object])
    except RecursionError:
        raise UnresolvedError("the query is nested too deeply", "give parts of it names with WITH") from None
    if tree["error"]:
        place = str(tree.get("position", ""))
        line = f" on line {sql.count(chr(10), 0, int(place)) + 1}" if place.isdecimal() else ""
        raise UnresolvedError(f"the query cannot be read: {tree['error_message']}{line}", "write one SELECT")
    statements = tree["statements"]
    if not isinstance(statements, list) or len(statements) != 1:
        raise UnresolvedError("the query is not one statement", "write one SELECT")
    return tree


def _refuse(node: _Node) -> None:
    """Reading is all that a query may do, and rows of its environment all that it may read."""
    kind = str(node.get("type"))
    if "modifiers" in node:
        allowed = kind in _QUERIES
    elif kind == "TABLE_FUNCTION":
        function = node["function"]
        kind = str(function["function_name"]) if isinstance(function, dict) else kind
        allowed = kind in _FUNCTIONS
    elif kind == "BASE_TABLE":
        kind = ".".join(str(node[name]) for name in ("catalog_name", "schema_name", "table_name") if node[name])
        allowed = "." not in kind
    else:
        allowed = "sample" not in node or kind in _SOURCES
    if not allowed:
        raise UnresolvedError(f"the query uses {kind}", "read entity sets of the environment by their names only")


def _takes_all(node: _Node, called: set[str]) -> bool:
    """Whether columns may be used that are not mentioned: `*`, a natural join, a table in the place of a column."""
    return node.get("type") == "STAR" or node.get("ref_type") == "NATURAL" or _is_row(node, called)


def _given(node: _Node) -> Iterator[tuple[str, _Node]]:
    """The names that a node gives, each with the expression that it names."""
    if "class" in node and node.get("alias"):
        yield str(node["alias"]), {**node, "alias": ""}
    replaced = node.get("replace_list")
    for item in replaced if isinstance(replaced, list) else ():
        yield str(item["key"]), item["value"]


def _is_traceable(node: _Node, called: set[str]) -> bool:
    if node.get("type") in _RENAMING or any(node.get(names) for names in _RENAMES):
        return False
    arguments = node.get("arguments")
    whole = isinstance(arguments, list) and any(item["expression"]["type"] == "STAR" for item in arguments)
    return not whole and not _is_row(node, called)


def _is_row(node: _Node, called: set[str]) -> bool:
    """Whether a table stands in the place of a column: its whole row."""
    names = node.get("column_names")
    return isinstance(names, list) and len(names) == 1 and str(names[0]).lower() in called


def _nodes(root: _Node) -> Iterator[_Node]:
    waiting: list[object] = [root]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            yield item
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _texts(node: _Node) -> Iterator[str]:
    for value in node.values():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str):
                yield text
