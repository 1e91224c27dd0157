"""Reads and writes the text of OData queries, paths and keys; pure: text in, values out."""

from __future__ import annotations

from p2c.odata.query.errors import QueryError, TooManyConditions
from p2c.odata.query.evaluate import compile_filter
from p2c.odata.query.expand import parse_expand, parse_orderby, parse_select
from p2c.odata.query.filter import parse_filter
from p2c.odata.query.members import members
from p2c.odata.query.options import QueryOptions, parse_options
from p2c.odata.query.path import (
    Key,
    KeyValue,
    NamedKey,
    ResourcePath,
    Segment,
    SingleKey,
    parse_path,
    parse_reference,
    relative_path,
)
from p2c.odata.query.writer import filter_text, key_segment, literal, path_text, quote_path

__all__ = [
    "Key",
    "KeyValue",
    "NamedKey",
    "QueryError",
    "QueryOptions",
    "ResourcePath",
    "Segment",
    "SingleKey",
    "TooManyConditions",
    "compile_filter",
    "filter_text",
    "key_segment",
    "literal",
    "members",
    "parse_expand",
    "parse_filter",
    "parse_options",
    "parse_orderby",
    "parse_path",
    "parse_reference",
    "parse_select",
    "path_text",
    "quote_path",
    "relative_path",
]
