"""No text, however odd or hostile, does more than raise a QueryError."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress

import pytest

from p2c.odata.query import (
    QueryError,
    compile_filter,
    filter_text,
    members,
    parse_expand,
    parse_filter,
    parse_options,
    parse_orderby,
    parse_path,
    parse_reference,
    parse_select,
)

WORDS = """
name eq ne gt and or not in add mul null true ( ) ( ) , / : ; = [ ] ' " * - . $select $filter $expand $top @p1
contains( any(x: Microsoft.Dynamics.CRM.In( PropertyName= Microsoft.X'Y' 'text' "json" 12 1.5 1e9 2024-01-01
2024-13-99 2024-01-01T00:00:00Z 00000000-0000-0000-0000-000000000000 é %27 % & + #
"""
PIECES = [*WORDS.split(), "\0", " "]
READERS: list[Callable[[str], object]] = [
    parse_filter,
    parse_select,
    parse_orderby,
    parse_expand,
    parse_options,
    parse_path,
    lambda text: parse_reference(text, "http://127.0.0.1:8401/api/data/v9.2/"),
]


def test_random_texts_are_read_or_refused() -> None:
    chance = random.Random(20240131)
    for number in range(5_000):
        glue = chance.choice(("", " ", " "))
        text = glue.join(chance.choices(PIECES, k=chance.randint(0, 25)))
        with suppress(QueryError):
            READERS[number % len(READERS)](text)


def test_random_valid_texts_survive_one_broken_character() -> None:
    chance = random.Random(7)
    valid = "(a eq 1 or contains(b,'x')) and not (c/d in (1,2)) and o/any(x:x/y gt 2.5 add 1)"
    for _ in range(1_000):
        at = chance.randrange(len(valid))
        with suppress(QueryError):
            parse_filter(valid[:at] + chance.choice(PIECES) + valid[at + 1 :])


HOSTILE = {
    "open parentheses": "(" * 100_000,
    "open parentheses within the length": "(" * 60_000,
    "open functions": "tolower(" * 8_000,
    "open lambdas": "a/any(x:" * 8_000,
    "open texts": "'" * 60_001,
    "open name and text": "a.b'" + "x" * 60_000,
    "negations": "not " * 15_000 + "a",
    "sums": "a" + " add a" * 10_000,
    "comparisons": "a" + " eq a" * 10_000,
    "sums in parentheses": "(" * 99 + "a" + " add a)" * 99 + " add a" * 99,
    "alternatives": "a" + " or a" * 12_000,
    "digits": "9" * 60_000,
    "dots": "a." * 30_000,
    "steps": "a/" * 30_000,
    "dashes": "-" * 60_000,
    "lists": "a in (" + "1," * 30_000,
    "json": '"' + "\\" * 60_000,
    "expands": "a($expand=" * 6_000,
    "spaces": " " * 60_000,
    "percent": "%" * 60_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_are_refused_without_exhausting_the_stack(text: str) -> None:
    for read in READERS:
        with suppress(QueryError):
            read(text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 98 + "a" + " add a)" * 98 + " eq 1",
        "tolower(" * 98 + "a" + ")" * 98 + " eq 'x'",
        "not " * 97 + "(a eq 1)",
    ],
)
def test_the_deepest_filter_that_is_read_can_also_be_used(text: str) -> None:
    expression = parse_filter(text)
    assert parse_filter(filter_text(expression)) == expression
    assert members(expression) == {("a",)}
    assert compile_filter(expression, ignore_case=True)({"a": 5}) in (True, False)
    assert hash(expression) == hash(parse_filter(text))
