"""The multipart/mixed form of `$batch`, for servers and clients: parts in, parts out, CRLF everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

_CRLF = b"\r\n"
_LINE_END = re.compile(rb"((?:--)?[ \t]*)(?=\r?\n|$)")
REASONS = {
    200: "OK",
    201: "Created",
    204: "No Content",
    304: "Not Modified",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    412: "Precondition Failed",
    413: "Payload Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
}


class BatchFormatError(ValueError):
    """The body is no multipart batch; the message says where."""


@dataclass(frozen=True, slots=True)
class Part:
    """One HTTP message of a batch. `start` is the request line without its version, or the status code."""

    start: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Parts that succeed or fail together."""

    parts: Sequence[Part]


def boundary_of(content_type: str) -> str:
    """The boundary that a Content-Type names, quoted or not."""
    for item in content_type.split(";")[1:]:
        name, _, value = item.strip().partition("=")
        if name.lower() == "boundary":
            return value.strip().strip('"')
    raise BatchFormatError(f"the Content-Type {content_type!r} names no boundary; send multipart/mixed; boundary=…")


def parse(body: bytes, content_type: str) -> list[Part | ChangeSet]:
    """
    The parts of a batch in order.

    Raises:
        BatchFormatError: The boundary does not occur, or a part is no HTTP message.
    """
    found: list[Part | ChangeSet] = []
    for section in _sections(body, boundary_of(content_type)):
        headers, content = _headers(section)
        kind = headers.get("content-type", "")
        if kind.lower().startswith("multipart/mixed"):
            inner = _sections(content, boundary_of(kind))
            found.append(ChangeSet([_part(*_headers(one)) for one in inner]))
        else:
            found.append(_part(headers, content))
    return found


def write(items: Iterable[Part | ChangeSet], boundary: str, change_set_boundary: str) -> bytes:
    """A batch body; each change set gets the given boundary with its number."""
    out: list[bytes] = []
    for number, item in enumerate(items, start=1):
        out.append(b"--" + boundary.encode() + _CRLF)
        if isinstance(item, ChangeSet):
            inner = f"{change_set_boundary}_{number}"
            out.append(f"Content-Type: multipart/mixed; boundary={inner}\r\n\r\n".encode())
            for part in item.parts:
                out.append(b"--" + inner.encode() + _CRLF + _written(part) + _CRLF)
            out.append(b"--" + inner.encode() + b"--" + _CRLF)
        else:
            out.append(_written(item) + _CRLF)
    out.append(b"--" + boundary.encode() + b"--" + _CRLF)
    return b"".join(out)


def request_part(method: str, url: str, headers: Mapping[str, str], body: bytes, content_id: str = "") -> Part:
    """A request as a part."""
    return Part(f"{method} {url}", headers, body, content_id)


def response_part(status: int, headers: Mapping[str, str], body: bytes, content_id: str = "") -> Part:
    """A response as a part."""
    return Part(str(status), headers, body, content_id)


def _sections(body: bytes, boundary: str) -> list[bytes]:
    """What stands between the delimiter lines; a line that merely begins like one is content."""
    delimiters = list(_delimiters(body, b"--" + boundary.encode()))
    if not delimiters:
        raise BatchFormatError(f"the boundary {boundary!r} does not occur in the body")
    sections = []
    for place, (_, end, closing) in enumerate(delimiters):
        if closing:
            break
        following = delimiters[place + 1][0] if place + 1 < len(delimiters) else len(body)
        sections.append(body[end : max(end, following)].removeprefix(b"\r").removeprefix(b"\n"))
    return sections


def _delimiters(body: bytes, marker: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where each delimiter line starts (with the line break before it) and ends, and whether it closes the body."""
    at = body.find(marker)
    while at >= 0:
        rest = _LINE_END.match(body, at + len(marker))
        if rest is not None and (at == 0 or body[at - 1 : at] == b"\n"):
            start = at - 2 if body[at - 2 : at] == b"\r\n" else max(at - 1, 0)
            yield start, rest.end(1), rest[1].startswith(b"--")
        at = body.find(marker, at + len(marker))


def _headers(section: bytes) -> tuple[Mapping[str, str], bytes]:
    """The headers before the first blank line, and what comes behind it."""
    if section.startswith((b"\n", b"\r\n")):
        return _head(b""), section[1 + section.startswith(b"\r") :]
    blank = section.find(b"\n\r\n")
    bare = section.find(b"\n\n", 0, blank + 1 if blank >= 0 else None)
    if bare >= 0:
        return _head(section[:bare]), section[bare + 2 :]
    return (_head(section[:blank]), section[blank + 3 :]) if blank >= 0 else (_head(section), b"")


@lru_cache(maxsize=256)
def _head(lines: bytes) -> Mapping[str, str]:
    """The headers in some lines; the parts of a batch mostly repeat the same ones."""
    return MappingProxyType(dict(_header(line) for line in lines.split(b"\n") if line.rstrip(b"\r")))


@lru_cache(maxsize=1024)
def _header(line: bytes) -> tuple[str, str]:
    """Name in lower case and value."""
    name, colon, value = line.rstrip(b"\r").partition(b":")
    if not colon:
        raise BatchFormatError(f"{line[:60]!r} is no header; a blank line must end the headers")
    return name.decode("latin-1").strip().lower(), value.decode("utf-8", "replace").strip()


def _part(outer: Mapping[str, str], message: bytes) -> Part:
    while message.startswith((b"\r\n", b"\n")):
        message = message.removeprefix(b"\r").removeprefix(b"\n")
    line, _, rest = message.partition(b"\n")
    start = _start(line)
    headers, body = _headers(rest)
    content_id = outer.get("content-id") or headers.get("content-id", "")
    length = headers.get("content-length", "")
    return Part(start, headers, body[: int(length)] if length.isdigit() else body, content_id)


@lru_cache(maxsize=1024)
def _start(line: bytes) -> str:
    """What a part's first line asks for, or the status that it answers."""
    words = line.decode("utf-8", "replace").strip().split(" ")
    if words[0].upper().startswith("HTTP/") and len(words) > 1:
        return words[1]
    if len(words) < 2:
        raise BatchFormatError(f"{line[:60]!r} is no request line; write METHOD URL HTTP/1.1")
    tail = words[-1].upper().startswith("HTTP/")
    return f"{words[0].upper()} {' '.join(words[1:-1] if tail else words[1:])}"


def _written(part: Part) -> bytes:
    headers = "".join([f"{name}: {value}\r\n" for name, value in part.headers.items()])
    return f"{_opening(part.start, part.content_id)}{headers}\r\n".encode() + part.body


@lru_cache(maxsize=1024)
def _opening(start: str, content_id: str) -> str:
    """The lines of a part before its message's headers."""
    number = f"Content-ID: {content_id}\r\n" if content_id else ""
    answer = start.isdigit()
    reason = REASONS.get(int(start), "Status") if answer else ""
    line = f"HTTP/1.1 {start} {reason}" if answer else f"{start} HTTP/1.1"
    return f"Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n{number}\r\n{line}\r\n"
