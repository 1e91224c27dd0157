"""Reads resource paths and references: `CustomersV3(dataAreaId='usmf',CustomerAccount='US-001')/Name`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias
from urllib.parse import unquote, urlsplit
from uuid import UUID

from p2c.odata.query.ast import EnumLiteral, Literal, Value
from p2c.odata.query.errors import QueryError
from p2c.odata.query.lexer import TokenKind, TokenStream
from p2c.odata.query.literals import accept_literal

KeyValue: TypeAlias = Value | EnumLiteral
_SHORT = 200
"""Characters of a path that is worth keeping."""
_PAIR = r"(?!(?:null|true|false|INF)=)[A-Za-z_]\w*='[\w .,:;@&+*\#!()/-]{0,500}'"
_PLAIN = re.compile(
    rf"""
    (?P<set>[A-Za-z_]\w*)\(
    (?: (?P<guid>[0-9a-fA-F]{{8}}(?:-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}})
      | (?P<pairs>{_PAIR}(?:,{_PAIR})*)
    )\)
    """,
    re.VERBOSE | re.ASCII,
)
_NAME_AND_TEXT = re.compile(r"(\w+)='([^']*)'", re.ASCII)
"""What nearly all references of a bulk look like, and differ in: read at a tenth of the cost of the tokens."""


@dataclass(frozen=True, slots=True)
class SingleKey:
    """A key without a name: `accounts(6f3c…)`, `PublicEntities('CustomerV3')`."""

    value: KeyValue


@dataclass(frozen=True, slots=True)
class NamedKey:
    """Key parts, or arguments of a function, by name in the order written; one or more."""

    pairs: tuple[tuple[str, KeyValue], ...]


Key: TypeAlias = SingleKey | NamedKey


@dataclass(frozen=True, slots=True)
class Segment:
    """One step of a path; `WhoAmI` and `WhoAmI()` are the same step without a key."""

    name: str
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class ResourcePath:
    """The steps from the service root; none is the service document."""

    segments: tuple[Segment, ...]


def parse_path(path: str, *, aliases: Mapping[str, str] | None = None) -> ResourcePath:
    """Read a path below the service root, percent-encoded as it came over the wire, without its query.

    Args:
        path: With or without `/` at either end. A `/` inside a quoted key value belongs to the value.
        aliases: Values of parameter aliases by name, `@` included: `Labels(Id=@id)`.

    Raises:
        QueryError: The path cannot be read.
    """
    return _parsed(path, aliases) if aliases or len(path) > _SHORT else _kept(path)


@lru_cache(maxsize=1024)
def _kept(path: str) -> ResourcePath:
    """A path read before: the operations of a batch name few sets, and each is looked at more than once."""
    return _parsed(path, None)


def _parsed(path: str, aliases: Mapping[str, str] | None) -> ResourcePath:
    try:
        text = unquote(path, errors="strict")
    except UnicodeError as error:
        raise QueryError(path, 0, "found bytes that are not UTF-8", "percent-encode texts as UTF-8") from error
    stream = TokenStream(text, aliases)
    stream.accept("/")
    segments: list[Segment] = []
    while stream.peek.kind is not TokenKind.END:
        segments.append(_segment(stream))
        if not stream.accept("/"):
            stream.expect_end("'/' or the end of the path")
    return ResourcePath(tuple(segments))


@lru_cache(maxsize=1024)
def relative_path(url: str, service_root: str | None) -> str:
    """The part of a URL below the service root, still percent-encoded and with its query.

    Args:
        url: Absolute, relative to the host (`/api/data/v9.2/accounts(…)`) or to the service root, with or
            without a leading `/`.
        service_root: The absolute URL of the service; None when only the last form can occur.

    Raises:
        QueryError: An absolute URL that is not below the service root. Its scheme is not compared, for
            encryption may end before the service.
    """
    root = urlsplit(service_root or "")
    base = root.path.rstrip("/") + "/"
    rest = url
    if "://" in url.partition("(")[0].partition("?")[0]:
        host, slash, below = url.split("://", 1)[1].partition("/")
        if not root.netloc or host.lower() != root.netloc.lower() or not _is_below(slash + below, base):
            hint = f"references start with {service_root}" if service_root else "write it without the host"
            raise QueryError(url, 0, "found the URL of another service", hint)
        rest = slash + below
    if _is_below(rest, base):
        rest = rest[len(base) :]
    return rest.lstrip("/")


def parse_reference(url: str, service_root: str | None) -> ResourcePath:
    """Read the value of `@odata.bind`, `@odata.id` or `$id`; see `relative_path` for the forms.

    Raises:
        QueryError: The reference cannot be read, names nothing or points to another service.
    """
    plain = _PLAIN.fullmatch(url)
    key = _plain_key(plain) if plain is not None else None
    if plain is not None and key is not None:
        return ResourcePath((Segment(plain["set"], key),))
    path = parse_path(relative_path(url, service_root).partition("?")[0])
    if not path.segments:
        raise QueryError(url, 0, "found no entity", "write the entity set and the key: accounts(<id>)")
    return path


def _plain_key(plain: re.Match[str]) -> Key | None:
    """The key of a plain reference; None where it names a part twice, which is to be told with its place."""
    if plain["guid"] is not None:
        return SingleKey(UUID(plain["guid"]))
    pairs: list[tuple[str, KeyValue]] = _NAME_AND_TEXT.findall(plain["pairs"])
    return NamedKey(tuple(pairs)) if len(dict(pairs)) == len(pairs) else None


def _is_below(path: str, base: str) -> bool:
    return (path.partition("?")[0].rstrip("/") + "/" == base) or path.startswith(base)


def _segment(stream: TokenStream) -> Segment:
    if stream.peek.kind is TokenKind.OPTION:
        return Segment(stream.take().text)
    name = stream.expect_kind(TokenKind.NAME, "an entity set, a property or an operation").text
    return Segment(name, _key(stream) if stream.accept("(") else None)


def _key(stream: TokenStream) -> Key | None:
    """The key up to the closing parenthesis, which is read too."""
    if stream.accept(")"):
        return None
    single = accept_literal(stream)
    if single is not None:
        stream.expect(")")
        return SingleKey(_value_of(single))
    pairs: dict[str, KeyValue] = {}
    while not pairs or stream.accept(","):
        name = stream.expect_kind(TokenKind.NAME, "a key value or the name of a key property")
        if not stream.accept("="):
            raise stream.failure("'=' after the name of a key property", "put texts into apostrophes")
        if name.text in pairs:
            raise stream.failure(f"{name.text} once", token=name)
        pairs[name.text] = _key_value(stream)
    stream.expect(")")
    return NamedKey(tuple(pairs.items()))


def _key_value(stream: TokenStream) -> KeyValue:
    literal = accept_literal(stream)
    if literal is None:
        raise stream.failure("a key value", "put texts into apostrophes")
    return _value_of(literal)


def _value_of(literal: Literal | EnumLiteral) -> KeyValue:
    return literal.value if isinstance(literal, Literal) else literal
