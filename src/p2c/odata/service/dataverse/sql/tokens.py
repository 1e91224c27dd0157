"""Cuts a SELECT into words, names, values and signs."""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from p2c.odata.query.errors import QueryError
from p2c.odata.query.lexer import check_text


class Kind(Enum):
    """Kinds of token; the values name the groups of the pattern below."""

    NAME = "NAME"
    QUOTED = "QUOTED"
    TEXT = "TEXT"
    NUMBER = "NUMBER"
    SIGN = "SIGN"
    END = "END"


class Token(NamedTuple):
    """A piece of the statement: names and texts without their quotes; `position` is its offset from 0."""

    kind: Kind
    text: str
    position: int

    @property
    def word(self) -> str:
        """A name in capitals, to compare it with the language's own words; empty for what was quoted."""
        return self.text.upper() if self.kind is Kind.NAME else ""


# Nothing here can be read in two ways, so that the time stays linear for texts that are never closed. Possessive groups
# would say so, but early releases of Python 3.11 read them wrongly.
_PATTERN = re.compile(
    r"""
      (?P<SPACE>\s++|--[^\n]*+|/\*.*?\*/)
    | (?P<TEXT>[Nn]?'[^']*(?:''[^']*)*')
    | (?P<QUOTED>\[[^\]]++\]|"[^"]++")
    | (?P<NUMBER>-?[0-9]++(?:\.[0-9]++)?(?![\w.]))
    | (?P<NAME>[^\W\d]\w*+)
    | (?P<SIGN><>|!=|<=|>=|[=<>(),.*;])
    """,
    re.VERBOSE | re.DOTALL,
)


def tokens(text: str) -> list[Token]:
    """
    The tokens of a statement, the end last.

    Raises:
        QueryError: At the first character that starts no token.
    """
    check_text(text)
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = _PATTERN.match(text, position)
        if match is None or match.lastgroup is None:
            raise QueryError(text, position, f"found {text[position]!r}, which has no meaning here")
        if match.lastgroup != "SPACE":
            found.append(Token(Kind(match.lastgroup), _plain(match.lastgroup, match.group()), position))
        position = match.end()
    return [*found, Token(Kind.END, "", len(text))]


def _plain(kind: str, text: str) -> str:
    if kind == "TEXT":
        return text[text.index("'") + 1 : -1].replace("''", "'")
    return text[1:-1] if kind == "QUOTED" else text
