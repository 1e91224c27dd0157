"""Cuts the text of a query or a path into tokens and hands them to the parsers one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from p2c.odata.query.errors import QueryError

MAX_TEXT = 65_536
"""Characters of one option or path; also the most tokens that it may grow to by parameter aliases."""


class TokenKind(StrEnum):
    """Kinds of token; the values name the groups of the pattern below."""

    ENUM = "ENUM"
    TEXT = "TEXT"
    JSON_TEXT = "JSON_TEXT"
    GUID = "GUID"
    TIMESTAMP = "TIMESTAMP"
    DATE = "DATE"
    NUMBER = "NUMBER"
    NAME = "NAME"
    OPTION = "OPTION"
    ALIAS = "ALIAS"
    PUNCTUATION = "PUNCTUATION"
    END = "END"


class Token(NamedTuple):
    """A piece of the text; `position` is its offset from 0."""

    kind: TokenKind
    text: str
    position: int


# Possessive repetition (*+) keeps the time linear for texts that are never closed.
_PATTERN = re.compile(
    r"""
      (?P<SPACE>\s++)
    | (?P<ENUM>[^\W\d]\w*+(?:\.[^\W\d]\w*+)++'(?:[^']|'')*+')
    | (?P<TEXT>'(?:[^']|'')*+')
    | (?P<JSON_TEXT>"(?:[^"\\]|\\.)*+")
    | (?P<GUID>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![\w-]))
    | (?P<TIMESTAMP>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]*+(?:Z|[+-][0-9:]*+)?(?!\w))
    | (?P<DATE>[0-9]{4}-[0-9]{2}-[0-9]{2}(?![\w-]))
    | (?P<NUMBER>-?[0-9]++(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?(?![\w.])|-INF\b)
    | (?P<NAME>[^\W\d]\w*+(?:\.[^\W\d]\w*+)*+)
    | (?P<OPTION>\$\w++)
    | (?P<ALIAS>@\w++)
    | (?P<PUNCTUATION>[()\[\],/:;=*])
    """,
    re.VERBOSE | re.DOTALL,
)

_NOT_LEXED = {
    "'": ("text that is not closed", "write an apostrophe inside a text twice: 'it''s'"),
    '"': ("text that is not closed", 'write a quotation mark inside a JSON text as \\"'),
}


def check_text(text: str) -> None:
    """Refuse text that is too long or that no database and no JSON body can hold."""
    if len(text) > MAX_TEXT:
        raise QueryError(text, MAX_TEXT, f"{len(text):,} characters, expected at most {MAX_TEXT:,}")
    if (nul := text.find("\0")) >= 0:
        raise QueryError(text, nul, "found a NUL character, expected text")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise QueryError(text, error.start, "found half of a surrogate pair, expected text") from error


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text in order, without white space and without an end token.

    Raises:
        QueryError: At the first character that starts no token.
    """
    check_text(text)
    position = 0
    while position < len(text):
        match = _PATTERN.match(text, position)
        if match is None or match.lastgroup is None:
            raise _unreadable(text, position)
        if match.lastgroup != "SPACE":
            yield Token(TokenKind(match.lastgroup), match.group(), position)
        position = match.end()


class TokenStream:
    """The tokens of one text with a place in them; parsers share it and leave it after what they read."""

    def __init__(self, text: str, aliases: Mapping[str, str] | None = None) -> None:
        """Cut `text`; `aliases` maps parameter aliases with their `@` to the text of their values."""
        self.text = text
        self._tokens = _with_aliases(text, aliases or {})
        self._tokens.append(Token(TokenKind.END, "", len(text)))
        self._at = 0
        self.peek = self._tokens[0]

    def take(self) -> Token:
        """The token at hand, stepping past it."""
        token = self.peek
        if token.kind is not TokenKind.END:
            self._at += 1
            self.peek = self._tokens[self._at]
        return token

    def accept(self, punctuation: str) -> bool:
        """Step past one punctuation character if it is at hand."""
        if self.peek.kind is TokenKind.PUNCTUATION and self.peek.text == punctuation:
            self.take()
            return True
        return False

    def accept_word(self, word: str) -> bool:
        """Step past one word if it is at hand."""
        if self.peek.kind is TokenKind.NAME and self.peek.text == word:
            self.take()
            return True
        return False

    def at(self, punctuation: str) -> bool:
        """Whether this punctuation character is at hand."""
        return self.peek.kind is TokenKind.PUNCTUATION and self.peek.text == punctuation

    def expect(self, punctuation: str) -> None:
        """Step past one punctuation character or fail."""
        if not self.accept(punctuation):
            raise self.failure(f"'{punctuation}'")

    def expect_kind(self, kind: TokenKind, expected: str) -> Token:
        """Step past one token of a kind or fail, saying in words what was expected."""
        if self.peek.kind is not kind:
            raise self.failure(expected)
        return self.take()

    def expect_end(self, expected: str) -> None:
        """Fail unless everything was read."""
        if self.peek.kind is not TokenKind.END:
            raise self.failure(expected)

    def failure(self, expected: str, hint: str = "", token: Token | None = None) -> QueryError:
        """The error for the token at hand, or for one already taken."""
        found = token or self.peek
        what = f"'{found.text[:40]}'" if found.text else "the end"
        return QueryError(self.text, found.position, f"found {what}, expected {expected}", hint)


def _with_aliases(text: str, aliases: Mapping[str, str]) -> list[Token]:
    """The tokens of the text, each alias replaced by the tokens of its value."""
    result: list[Token] = []
    for token in tokens(text):
        if token.kind is TokenKind.ALIAS and token.text in aliases:
            value = list(tokens(aliases[token.text]))
            _check_alias(text, token, value)
            result.extend(part._replace(position=token.position) for part in value)
        else:
            result.append(token)
        if len(result) > MAX_TEXT:
            raise QueryError(text, token.position, f"more than {MAX_TEXT:,} tokens after parameter aliases")
    return result


def _check_alias(text: str, alias: Token, value: list[Token]) -> None:
    """An alias stands for one value, property or list, so that it cannot change the query around it."""
    is_list = len(value) > 1 and value[0].text + value[-1].text in {"[]", "()"}
    inner = value[1:-1] if is_list else value
    is_path = len(inner) % 2 == 1 and all(part.text == "/" for part in inner[1::2])
    refused = not inner or any(part.text in {"(", ")", "[", "]"} for part in inner)
    if refused or not (is_list or is_path) or any(part.kind is TokenKind.ALIAS for part in inner):
        reason = f"parameter alias {alias.text} is not one value, one property or one list"
        raise QueryError(text, alias.position, reason, "write the operators into the option itself")


def _unreadable(text: str, position: int) -> QueryError:
    character = text[position]
    if character in _NOT_LEXED:
        return QueryError(text, position, *_NOT_LEXED[character])
    if character.isdigit() or character == "-":
        hint = "write guids bare, dates as 2024-01-31, date-times as 2024-01-31T00:00:00Z, texts in apostrophes"
        return QueryError(text, position, "found what is not a number, guid, date or date-time", hint)
    return QueryError(text, position, f"found {character!r}, which has no meaning here")
