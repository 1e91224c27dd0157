"""The multipart form of a batch: what is written is read back, and what others write is read too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.odata.batch import BatchFormatError, ChangeSet, Part, boundary_of, parse, write

WORDS = st.text("abcdefghijklmnop-$()'=,%20", min_size=1, max_size=20)
HEADERS = st.dictionaries(
    st.sampled_from(["content-type", "if-match", "prefer", "odata-entityid"]), WORDS.map(str.strip), max_size=3
)
# No body ends a line with the delimiter of the batch that carries it: senders choose a boundary that is not inside.
BODIES = st.binary(max_size=60).filter(lambda body: b"--b" not in body and b"--c" not in body)
STARTS = st.builds(lambda method, url: f"{method} {url}", st.sampled_from(["GET", "POST", "PATCH"]), WORDS) | (
    st.integers(200, 599).map(str)
)
PARTS = st.builds(Part, STARTS, HEADERS, BODIES, st.just("") | st.integers(1, 99).map(str))
ITEMS = st.lists(PARTS | st.lists(PARTS, min_size=1, max_size=12).map(ChangeSet), min_size=1, max_size=12)


@given(ITEMS)
def test_a_batch_is_read_back(items: list[Part | ChangeSet]) -> None:
    assert parse(write(items, "b", "c"), "multipart/mixed; boundary=b") == items


@given(st.binary(max_size=200), st.sampled_from(["b", "bb"]))
def test_any_bytes_are_read_or_refused(body: bytes, boundary: str) -> None:
    try:
        parse(b"--b\r\n" + body, f"multipart/mixed; boundary={boundary}")
    except BatchFormatError as error:
        assert str(error)


def test_lines_are_ended_by_crlf() -> None:
    body = write([Part("GET accounts"), ChangeSet([Part("POST accounts", {}, b"{}", "1")])], "b", "c")
    assert body.count(b"\n") == body.count(b"\r\n")


@pytest.mark.parametrize("kind", ["multipart/mixed;boundary=x_1", 'Multipart/Mixed; charset=utf-8; Boundary="x_1"'])
def test_a_boundary_may_be_quoted_and_stand_anywhere(kind: str) -> None:
    assert boundary_of(kind) == "x_1"


def test_a_boundary_that_begins_like_another_is_not_taken_for_it() -> None:
    inner = b"--x_1\r\nContent-Type: application/http\r\n\r\nDELETE a(1) HTTP/1.1\r\n\r\n\r\n--x_1--"
    outer = b"--x\r\nContent-Type: multipart/mixed; boundary=x_1\r\n\r\n" + inner + b"\r\n--x--\r\n"
    assert parse(outer, "multipart/mixed; boundary=x") == [ChangeSet([Part("DELETE a(1)", {}, b"")])]


def test_bare_newlines_preambles_and_missing_versions_are_read() -> None:
    headers = b"Content-Type: application/http\nContent-ID: 4\n"
    body = b"preamble\n--b\n" + headers + b"\nget accounts?$filter=a eq 1\nAccept: x\n\n--b--\nafter"
    assert parse(body, "multipart/mixed; boundary=b") == [
        Part("GET accounts?$filter=a eq 1", {"accept": "x"}, b"", "4")
    ]


def test_a_length_ends_the_body() -> None:
    body = b"--b\r\n\r\nPOST a HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}trailing\r\n--b--"
    (found,) = parse(body, "multipart/mixed; boundary=b")
    assert isinstance(found, Part)
    assert found.body == b"{}"


@pytest.mark.parametrize(
    ("body", "kind", "named"),
    [
        (b"", "application/json", "names no boundary"),
        (b"--c--", "multipart/mixed; boundary=b", "'b' does not occur"),
        (b"--b\r\nno header\r\n--b--", "multipart/mixed; boundary=b", "is no header"),
        (b"--b\r\nA: b\r\n\r\nGET\r\n\r\n--b--", "multipart/mixed; boundary=b", "is no request line"),
    ],
)
def test_what_is_no_batch_is_named(body: bytes, kind: str, named: str) -> None:
    with pytest.raises(BatchFormatError, match=named):
        parse(body, kind)


_ENDS = st.sampled_from(["\n", "\r\n"])


@given(_ENDS, _ENDS, _ENDS, _ENDS, st.sampled_from(["", "x", "\n\nx", "\r\n\r\nx", "a\r\n\nb"]))
def test_the_first_blank_line_ends_the_headers_however_lines_end(
    first: str, second: str, third: str, fourth: str, body: str
) -> None:
    message = f"PATCH a(1){first}Accept: x{second}Prefer: y{third}{fourth}{body}"
    (part,) = parse(f"--b\r\n\r\n{message}\r\n--b--".encode(), "multipart/mixed; boundary=b")
    assert part == Part("PATCH a(1)", {"accept": "x", "prefer": "y"}, body.encode())
