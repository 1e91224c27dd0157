"""A filter finds the same rows in the database and in memory, whatever the filter."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DataError

from p2c.edm.values import Row, Value
from p2c.odata.query import QueryError, compile_filter, filter_text, parse_filter
from p2c.odata.query.ast import (
    And,
    Arithmetic,
    ArithmeticOp,
    Call,
    CompareOp,
    Comparison,
    Expression,
    InList,
    Literal,
    Member,
    Not,
    Or,
    QueryFunction,
)
from p2c.odata.source import EntitySource
from p2c.odata.sql import FilterCompiler
from tests.contracts.caller import Caller
from tests.contracts.model import PERSON, REGISTRY

LETTERS = "abAB čČőŐ_%'\\*1"
ROWS: list[Row] = [
    {
        "personid": UUID(int=number + 1),
        "name": name,
        "number": code,
        "age": age,
        "wealth": wealth,
        "active": active,
        "kind": number % 3 + 1,
        "born": born,
        "seen": seen,
    }
    for number, (name, code, age, wealth, active, born, seen) in enumerate(
        [
            ("a", None, None, None, None, None, None),
            ("A%b", "a_", 0, Decimal("0.0000"), True, date(2000, 2, 29), datetime(2000, 2, 29, tzinfo=UTC)),
            ("Čő", "ČŐ", -7, Decimal("-1.5"), False, date(1999, 12, 31), datetime(2024, 1, 1, 12, 30, 59, 9, UTC)),
            (" 'b' ", "", 2, Decimal("2.0000"), True, date(2024, 1, 1), datetime(2024, 1, 1, 23, 59, tzinfo=UTC)),
            ("aAbB1", "1", 7, Decimal("7.2500"), False, None, datetime(1970, 1, 1, tzinfo=UTC)),
        ]
    )
]  # fmt: skip

TEXTS = st.text(LETTERS, max_size=3)
WHOLE = st.integers(-8, 8)
NUMBERS: st.SearchStrategy[Value] = WHOLE | st.decimals(-8, 8, places=2)
DAYS = st.sampled_from([date(2000, 2, 29), date(2024, 1, 1), date(1970, 1, 1)])
TIMES: st.SearchStrategy[Value] = DAYS | st.sampled_from(
    [datetime(2024, 1, 1, 12, 30, tzinfo=UTC), datetime(2000, 2, 29, tzinfo=UTC), datetime(1969, 5, 5, 5, tzinfo=UTC)]
)
BY_KIND: list[tuple[list[str], st.SearchStrategy[Value]]] = [
    (["name", "number"], TEXTS),
    (["age", "kind", "wealth"], NUMBERS),
    (["born", "seen"], TIMES),
    (["active"], st.booleans()),
    (["personid"], st.sampled_from([row["personid"] for row in ROWS])),
]


def members(names: list[str]) -> st.SearchStrategy[Expression]:
    """A property of a kind."""
    return st.sampled_from(names).map(lambda name: Member((name,)))


TEXT_TERMS: st.SearchStrategy[Expression] = st.recursive(
    members(["name", "number"]) | st.builds(Literal, TEXTS),
    lambda inner: st.one_of(
        st.builds(Call, st.sampled_from(["tolower", "toupper", "trim"]), st.tuples(inner)),
        st.builds(Call, st.just("concat"), st.tuples(inner, inner)),
    ),
    max_leaves=3,
)
NUMBER_TERMS: st.SearchStrategy[Expression] = st.recursive(
    st.one_of(
        members(["age", "kind", "wealth"]),
        st.builds(Literal, WHOLE),
        st.builds(Call, st.just("length"), st.tuples(TEXT_TERMS)),
        st.builds(Call, st.sampled_from(["year", "month", "day"]), st.tuples(members(["born", "seen"]))),
        st.builds(Call, st.sampled_from(["hour", "minute", "second"]), st.tuples(members(["seen"]))),
    ),
    lambda inner: (
        st.builds(
            Arithmetic,
            st.sampled_from([ArithmeticOp.ADD, ArithmeticOp.SUB, ArithmeticOp.MUL, ArithmeticOp.MOD]),
            inner,
            inner,
        )
        # Of whole numbers only: a fraction without end has other digits in the database.
        | st.builds(Arithmetic, st.just(ArithmeticOp.DIV), members(["age", "kind"]), st.builds(Literal, WHOLE))
    ),
    max_leaves=4,
)
OPERATORS = st.sampled_from(CompareOp)
SIMPLE: st.SearchStrategy[Expression] = st.one_of(
    *(
        st.builds(Comparison, OPERATORS, members(names), st.builds(Literal, st.none() | values))
        | st.builds(Comparison, OPERATORS, st.builds(Literal, values), members(names))
        | st.builds(Comparison, OPERATORS, members(names), members(names))
        | st.builds(
            InList,
            members(names),
            st.lists(st.none() | values, min_size=1, max_size=3).map(tuple),
        )
        for names, values in BY_KIND
    )
)
TESTS: st.SearchStrategy[Expression] = st.one_of(
    SIMPLE,
    members(["active"]),
    st.builds(Comparison, OPERATORS, TEXT_TERMS, TEXT_TERMS),
    st.builds(Comparison, OPERATORS, NUMBER_TERMS, NUMBER_TERMS),
    st.builds(Call, st.sampled_from(["contains", "startswith", "endswith"]), st.tuples(TEXT_TERMS, TEXT_TERMS)),
    st.builds(
        QueryFunction,
        st.sampled_from(["In", "NotIn"]),
        members(["name", "number"]),
        st.lists(TEXTS, min_size=1, max_size=3).map(tuple),
    ),
    st.builds(
        QueryFunction,
        st.sampled_from(["Between", "NotBetween"]),
        members(["age", "wealth"]),
        st.tuples(WHOLE.map(str), WHOLE.map(str)),
    ),
)
CONDITIONS: st.SearchStrategy[Expression] = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
        st.builds(Not, inner),
        st.builds(Comparison, st.sampled_from([CompareOp.EQ, CompareOp.NE]), inner, st.builds(Literal, st.booleans())),
    ),
    max_leaves=5,
)


def by_sql(people: Caller, expression: Expression, *, wildcards: bool) -> set[object]:
    """Keys that the database finds."""
    database = people.service.database
    source = EntitySource(REGISTRY, database.storage, PERSON)
    condition = FilterCompiler(source, wildcards=wildcards).condition(expression)
    with database.engine.connect() as connection:
        return set(connection.execute(select(source.key).select_from(source.from_clause).where(condition)).scalars())


@settings(
    max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(CONDITIONS, st.booleans())
def test_the_database_and_memory_agree(people: Caller, expression: Expression, wildcards: bool) -> None:
    database = people.service.database
    with database.engine.begin() as connection:
        if connection.execute(text("SELECT count(*) FROM person")).scalar_one() == 0:
            connection.execute(database.storage.tables["person"].insert(), ROWS)
    expression = parse_filter(filter_text(expression))
    try:
        found = by_sql(people, expression, wildcards=wildcards)
    except (QueryError, DataError):
        assume(False)
    holds = compile_filter(expression, ignore_case=True, wildcards=wildcards)
    assert found == {row["personid"] for row in ROWS if holds(row)}, filter_text(expression)
