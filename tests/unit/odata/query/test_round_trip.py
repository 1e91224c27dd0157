"""Whatever is written is read back to the same value."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.odata.query import (
    NamedKey,
    ResourcePath,
    Segment,
    SingleKey,
    filter_text,
    key_segment,
    literal,
    parse_filter,
    parse_path,
    path_text,
    quote_path,
)
from p2c.odata.query.ast import (
    And,
    Arithmetic,
    ArithmeticOp,
    Call,
    CompareOp,
    Comparison,
    EnumLiteral,
    Expand,
    Expression,
    InList,
    Lambda,
    LambdaKind,
    Literal,
    Member,
    Not,
    Or,
    OrderItem,
    QueryFunction,
    Value,
)
from p2c.odata.query.expand import parse_expand
from p2c.odata.query.writer import expand_text

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
NAMES = st.text(string.ascii_letters + "_", min_size=3, max_size=8).map(lambda name: f"p{name}")
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(tuple)
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**18), 10**18),
    st.decimals(-(10**12), 10**12, places=4),
    st.floats(allow_nan=False),
    TEXT,
    st.uuids(),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
)
ENUMS = st.builds(EnumLiteral, NAMES.map(lambda name: f"Microsoft.Dynamics.DataEntities.{name}"), TEXT)
MEMBERS = st.builds(Member, PATHS)
ATOMS: st.SearchStrategy[Expression] = st.one_of(st.builds(Literal, VALUES), ENUMS, MEMBERS)
OPERANDS: st.SearchStrategy[Expression] = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds(Arithmetic, st.sampled_from(ArithmeticOp), inner, inner),
        st.builds(Call, st.sampled_from(["tolower", "year", "length"]), st.tuples(inner)),
    ),
    max_leaves=6,
)
TESTS: st.SearchStrategy[Expression] = st.one_of(
    st.builds(Comparison, st.sampled_from(CompareOp), OPERANDS, OPERANDS),
    st.builds(Call, st.sampled_from(["contains", "startswith"]), st.tuples(MEMBERS, OPERANDS)),
    st.builds(InList, MEMBERS, st.lists(VALUES, min_size=1, max_size=4).map(tuple)),
    st.builds(
        QueryFunction,
        st.sampled_from(["In", "Between", "LastXDays", "InFiscalPeriodAndYear", "Today"]),
        MEMBERS,
        st.lists(TEXT | st.integers(0, 99).map(str), max_size=4).map(tuple),
    ),
    st.builds(Lambda, PATHS, st.just(LambdaKind.ANY), st.just(""), st.none()),
)
CONDITIONS: st.SearchStrategy[Expression] = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: Or(tuple(parts))),
        st.builds(Not, inner),
        st.builds(Comparison, st.just(CompareOp.EQ), inner, st.just(Literal(True))),
        st.builds(Lambda, PATHS, st.sampled_from(LambdaKind), NAMES, inner),
    ),
    max_leaves=8,
)
EXPANDS: st.SearchStrategy[Expand] = st.recursive(
    st.builds(Expand, NAMES, ref=st.booleans()),
    lambda inner: st.builds(
        Expand,
        NAMES,
        select=st.lists(NAMES, max_size=2).map(tuple),
        filter=st.none() | CONDITIONS,
        orderby=st.lists(st.builds(OrderItem, PATHS, st.booleans()), max_size=2).map(tuple),
        top=st.none() | st.integers(0, 5000),
        expand=st.lists(inner, max_size=2, unique_by=lambda item: item.navigation).map(tuple),
    ),
    max_leaves=3,
)
KEY_VALUES = st.one_of(VALUES, ENUMS)


@given(CONDITIONS)
def test_a_filter_is_read_back(expression: Expression) -> None:
    assert parse_filter(filter_text(expression)) == expression


@given(EXPANDS)
def test_an_expand_is_read_back_with_what_is_nested_in_it(expand: Expand) -> None:
    assert parse_expand(expand_text(expand)) == (expand,)


@given(VALUES)
def test_a_literal_is_read_back_with_its_type(value: Value) -> None:
    read = parse_filter(literal(value))
    assert isinstance(read, Literal)
    assert read.value == value
    assert type(read.value) is type(value)


@given(
    st.lists(
        st.builds(
            Segment,
            NAMES | st.sampled_from(["$count", "$1", "Microsoft.Dynamics.CRM.CreateMultiple"]),
            st.none(),
        )
        | st.builds(Segment, NAMES, st.builds(SingleKey, KEY_VALUES))
        | st.builds(
            Segment,
            NAMES,
            st.dictionaries(NAMES, KEY_VALUES, min_size=1, max_size=3).map(
                lambda pairs: NamedKey(tuple(pairs.items()))
            ),
        ),
        max_size=4,
    )
)
def test_a_path_is_read_back_after_percent_encoding(segments: list[Segment]) -> None:
    path = ResourcePath(tuple(segments))
    encoded = quote_path(path_text(path))
    assert encoded.isascii()
    assert encoded.count("/") == max(0, len(segments) - 1)
    assert parse_path(encoded) == path


def test_no_more_parentheses_are_written_than_needed() -> None:
    for text in (
        "a eq 1 and (b eq 2 or c eq 3) and not (d eq 4)",
        "a sub (b sub 1) gt 2 mul (c add 3)",
        "a in ('x',2) or contains(tolower(b),'y')",
        'Microsoft.Dynamics.CRM.In(PropertyName=\'c\',PropertyValues=["é","2"])',
        "Microsoft.Dynamics.CRM.LastXDays(PropertyName='c',PropertyValue=7)",
        "o/any(x:x/Microsoft.Dynamics.CRM.On(PropertyName='c',PropertyValue='2024-01-31'))",
    ):
        assert filter_text(parse_filter(text)) == text


def test_keys_are_written_named_or_bare() -> None:
    assert key_segment([("dataAreaId", "usmf"), ("Account", "O'B")]) == "(dataAreaId='usmf',Account='O''B')"
    assert key_segment([("", 5)]) == "(5)"


@pytest.mark.parametrize(
    "value",
    [datetime(2024, 1, 1), float("nan"), Decimal("NaN"), Decimal("Infinity")],  # noqa: DTZ001
)
def test_what_odata_cannot_say_is_not_written(value: Value) -> None:
    with pytest.raises(ValueError, match=r"time zone|use null"):
        literal(value)
