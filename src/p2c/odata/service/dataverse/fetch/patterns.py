"""Patterns of `like`, as SQL Server has them: `%` any text, `_` one character, `[a-f]` one of a set, `[^a-f]` none."""

from __future__ import annotations

import re

from p2c.odata.query.ast import Call, Literal, Member
from p2c.odata.sql_terms import LIKE, MATCHES

_PART = re.compile(r"\[(?P<none>\^?)(?P<set>[^\]]+)\]|(?P<one>.)", re.DOTALL)


def fits(member: Member, pattern: str) -> Call:
    """The condition that a text fits a pattern; a set of one character stands for that character: `[%]`."""
    parts = list(_PART.finditer(pattern))
    if any(part["set"] and (part["none"] or len(part["set"]) > 1) for part in parts):
        return Call(MATCHES, (member, Literal(f"^{''.join(map(_regular, parts))}$")))
    return Call(LIKE, (member, Literal("".join(map(_plain, parts)))))


def _plain(part: re.Match[str]) -> str:
    if part["set"]:
        return f"\\{part['set']}"
    return "\\\\" if part["one"] == "\\" else part["one"]


def _regular(part: re.Match[str]) -> str:
    if part["set"]:
        members = "".join(f"\\{one}" if one in "\\[^" else one for one in part["set"])
        return f"[{part['none']}{members}]"
    one = part["one"]
    wildcard = {"%": ".*", "_": "."}.get(one)
    return wildcard or (one if one.isalnum() or one.isspace() else f"\\{one}")
