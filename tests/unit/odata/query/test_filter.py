"""What `$filter` texts mean, in the spellings that real clients send."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from p2c.odata.query import QueryError, TooManyConditions, members, parse_filter
from p2c.odata.query.ast import (
    And,
    Arithmetic,
    ArithmeticOp,
    Call,
    CompareOp,
    Comparison,
    EnumLiteral,
    Expression,
    InList,
    Lambda,
    LambdaKind,
    Literal,
    Member,
    Not,
    Or,
    QueryFunction,
    Value,
)

GUID = UUID("00000000-0000-0000-0000-00000000000a")


def prop(path: str) -> Member:
    return Member(tuple(path.split("/")))


def equal(path: str, value: Value) -> Comparison:
    return Comparison(CompareOp.EQ, prop(path), Literal(value))


A, B, C = equal("a", 1), equal("b", 2), equal("c", 3)

LITERALS: list[tuple[str, Value]] = [
    ("'O''Brian'", "O'Brian"),
    ("''", ""),
    ("'a/b (c), d'", "a/b (c), d"),
    ("'Žluťoučký kůň'", "Žluťoučký kůň"),
    ("42", 42),
    ("-7", -7),
    ("19.90", Decimal("19.90")),
    ("1e3", 1000.0),
    ("INF", float("inf")),
    ("true", True),
    ("false", False),
    ("null", None),
    ("00000000-0000-0000-0000-00000000000A", GUID),
    ("2024-01-31", date(2024, 1, 31)),
    ("2024-01-31T10:20:30Z", datetime(2024, 1, 31, 10, 20, 30, tzinfo=UTC)),
    ("2024-01-31T10:20Z", datetime(2024, 1, 31, 10, 20, tzinfo=UTC)),
    ("2024-01-31T10:20:30.1234567Z", datetime(2024, 1, 31, 10, 20, 30, 123456, tzinfo=UTC)),
    ("2024-01-31T10:20:30+02:00", datetime(2024, 1, 31, 8, 20, 30, tzinfo=UTC)),
]


@pytest.mark.parametrize(("text", "value"), LITERALS)
def test_a_literal_has_its_value_and_its_type(text: str, value: Value) -> None:
    expression = parse_filter(f"x eq {text}")
    assert isinstance(expression, Comparison)
    assert repr(expression.right) == repr(Literal(value))


SPELLINGS: dict[str, tuple[str, Expression]] = {
    "lookup": (f"_primarycontactid_value eq {GUID}", equal("_primarycontactid_value", GUID)),
    "lookup path": ("primarycontactid/fullname eq 'x'", equal("primarycontactid/fullname", "x")),
    "enum of Finance and Operations": (
        "Blocked eq Microsoft.Dynamics.DataEntities.NoYes'Yes'",
        Comparison(CompareOp.EQ, prop("Blocked"), EnumLiteral("Microsoft.Dynamics.DataEntities.NoYes", "Yes")),
    ),
    "metadata search": (
        "contains(tolower(Name),'cust')",
        Call("contains", (Call("tolower", (prop("Name"),)), Literal("cust"))),
    ),
    "In": (
        'Microsoft.Dynamics.CRM.In(PropertyName=\'c\',PropertyValues=["0","1 \\"x\\""])',
        QueryFunction("In", prop("c"), ("0", '1 "x"')),
    ),
    "arguments in any order, with spaces": (
        "Microsoft.Dynamics.CRM.Between( PropertyValues = ['1', 5] , PropertyName = 'c' )",
        QueryFunction("Between", prop("c"), ("1", "5")),
    ),
    "a number of days": (
        "Microsoft.Dynamics.CRM.LastXDays(PropertyName='createdon',PropertyValue=7)",
        QueryFunction("LastXDays", prop("createdon"), ("7",)),
    ),
    "no values": (
        "Microsoft.Dynamics.CRM.EqualUserId(PropertyName='ownerid')",
        QueryFunction("EqualUserId", prop("ownerid"), ()),
    ),
    "any": (
        "contact_customer_accounts/any(c:c/fullname eq 'x')",
        Lambda(("contact_customer_accounts",), LambdaKind.ANY, "c", equal("c/fullname", "x")),
    ),
    "any row": ("orders/any()", Lambda(("orders",), LambdaKind.ANY, "", None)),
    "query function in a lambda": (
        "tasks/all(t:t/Microsoft.Dynamics.CRM.Today(PropertyName='due'))",
        Lambda(("tasks",), LambdaKind.ALL, "t", QueryFunction("Today", prop("t/due"), ())),
    ),
    "in": ("a in ('x', 2,null)", InList(prop("a"), ("x", 2, None))),
    "a call compared": (
        "contains(a,'x') eq true",
        Comparison(CompareOp.EQ, Call("contains", (prop("a"), Literal("x"))), Literal(True)),
    ),
    "a property alone": ("not donotphone", Not(prop("donotphone"))),
}


@pytest.mark.parametrize(("text", "tree"), SPELLINGS.values(), ids=SPELLINGS.keys())
def test_a_spelling_of_real_clients_is_read(text: str, tree: Expression) -> None:
    assert parse_filter(text) == tree


PRECEDENCE: list[tuple[str, Expression]] = [
    ("a eq 1 or b eq 2 and c eq 3", Or((A, And((B, C))))),
    ("a eq 1 and b eq 2 or c eq 3", Or((And((A, B)), C))),
    ("(a eq 1 or b eq 2) and c eq 3", And((Or((A, B)), C))),
    ("a eq 1 and (b eq 2 and c eq 3)", And((A, B, C))),
    ("not (a eq 1) and b eq 2", And((Not(A), B))),
    ("not(a eq 1)", Not(A)),
    ("not not (a eq 1)", Not(Not(A))),
    (
        "x add 1 mul 2 eq 5",
        Comparison(
            CompareOp.EQ,
            Arithmetic(ArithmeticOp.ADD, prop("x"), Arithmetic(ArithmeticOp.MUL, Literal(1), Literal(2))),
            Literal(5),
        ),
    ),
    (
        "x sub 1 sub 2 gt 5 eq true",
        Comparison(
            CompareOp.EQ,
            Comparison(
                CompareOp.GT,
                Arithmetic(ArithmeticOp.SUB, Arithmetic(ArithmeticOp.SUB, prop("x"), Literal(1)), Literal(2)),
                Literal(5),
            ),
            Literal(True),
        ),
    ),
]


@pytest.mark.parametrize(("text", "tree"), PRECEDENCE)
def test_operators_bind_as_the_standard_says(text: str, tree: Expression) -> None:
    assert parse_filter(text) == tree


def test_hundreds_of_alternatives_are_one_level() -> None:
    tree = parse_filter(" or ".join(f"accountnumber eq 'A{n}'" for n in range(500)))
    assert isinstance(tree, Or)
    assert len(tree.operands) == 500


REFUSED: dict[str, tuple[str, int, str]] = {
    "nothing": ("", 0, "found the end, expected a property"),
    "no value": ("name eq", 7, "found the end"),
    "misspelt operator": ("name eqq 1", 5, "did you mean 'eq'?"),
    "upper-case operator": ("a eq 1 AND b eq 2", 7, "did you mean 'and'?"),
    "unknown function": ("substringof('x',name)", 0, "expected a function"),
    "too few arguments": ("contains(name)", 0, "at least 2"),
    "too many arguments": ("contains(a,b,c)", 0, "at most 2"),
    "open text": ("name eq 'O", 8, "not closed"),
    "open parenthesis": ("(a eq 1", 7, "expected ')'"),
    "closed twice": ("a eq 1)", 6, "found ')'"),
    "a date of no calendar": ("a eq 2024-02-31", 5, "a date of the calendar"),
    "a date-time without a zone": ("a eq 2024-02-01T00:00:00", 5, "2024-01-31T00:00:00Z"),
    "a date-time out of range": ("a eq 0001-01-01T00:00:00+02:00", 5, "a date-time"),
    "a guid of version 3": (f"a eq guid'{GUID}'", 9, "bare"),
    "a broken number": ("a eq 12ab", 5, "not a number"),
    "an endless number": (f"a eq {'9' * 100}", 5, "at most 64"),
    "an unknown namespace": ("My.In(PropertyName='x')", 0, "Microsoft.Dynamics.CRM"),
    "an unknown argument": ("Microsoft.Dynamics.CRM.In(PropertyNam='x')", 26, "did you mean 'PropertyName'?"),
    "no property": ("Microsoft.Dynamics.CRM.In(PropertyValue='x')", 0, "PropertyName='…'"),
    "no list": ("a in 'x'", 5, "expected '('"),
    "an alias without a value": ("a eq @p1", 5, "add &@p1=…"),
    "not before a comparison": ("not name eq 'x'", 15, "write not (… eq …)"),
    "NUL": ("a eq 'x\0'", 7, "NUL"),
    "half a character": ("a eq 'x\ud800'", 7, "surrogate"),
    "half a character in JSON": (
        'Microsoft.Dynamics.CRM.In(PropertyName="\\ud800")',
        39,
        "expected a JSON text",
    ),
    "strange character": ("a eq #", 5, "'#'"),
}


@pytest.mark.parametrize(("text", "position", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refusal_names_the_place_and_the_way_out(text: str, position: int, words: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_filter(text)
    assert caught.value.position == position
    assert words in str(caught.value)
    assert f"character {position + 1} of" in str(caught.value)


def test_more_conditions_than_allowed_are_an_error_of_their_own() -> None:
    text = " or ".join(["a eq 1"] * 4)
    assert parse_filter(text, max_conditions=4) == Or((A, A, A, A))
    with pytest.raises(TooManyConditions, match="more than 3 conditions"):
        parse_filter(text, max_conditions=3)


def test_an_error_keeps_its_facts_between_processes() -> None:
    with pytest.raises(QueryError) as caught:
        parse_filter("name eqq 1")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.text, copy.position, str(copy)) == ("name eqq 1", 5, str(caught.value))


def test_nesting_is_taken_to_a_hundred_levels() -> None:
    assert parse_filter("(" * 100 + "a eq 1" + ")" * 100) == A
    with pytest.raises(QueryError, match="100 levels"):
        parse_filter("(" * 101 + "a eq 1" + ")" * 101)


ALIASES = {"@p1": "name", "@p2": "'x'", "@p3": '["First","Second"]', "@p4": "('a','b')"}


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("@p1 eq @p2", equal("name", "x")),
        ("nav/name eq @p2", equal("nav/name", "x")),
        (
            "Microsoft.Dynamics.CRM.In(PropertyName=@p2,PropertyValues=@p3)",
            QueryFunction("In", prop("x"), ("First", "Second")),
        ),
        ("name in @p4", InList(prop("name"), ("a", "b"))),
    ],
)
def test_a_parameter_alias_stands_for_its_value(text: str, tree: Expression) -> None:
    assert parse_filter(text, aliases=ALIASES) == tree


@pytest.mark.parametrize("value", ["1 or true", "", "@p2", "1) or (true", "a/"])
def test_a_parameter_alias_cannot_change_the_query_around_it(value: str) -> None:
    with pytest.raises(QueryError, match="parameter alias @p1"):
        parse_filter("a eq @p1", aliases={"@p1": value})


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("a eq 1 and contains(b/c,d) or not e", {"a", "b/c", "d", "e"}),
        ("Microsoft.Dynamics.CRM.Today(PropertyName='due') and x in (1)", {"due", "x"}),
        (
            "orders/any(o:o/total gt limit and o/lines/all(l:l/x eq o/y))",
            {"orders", "orders/total", "limit", "orders/lines", "orders/lines/x", "orders/y"},
        ),
    ],
)
def test_members_are_named_from_the_row_that_is_filtered(text: str, used: set[str]) -> None:
    assert {"/".join(path) for path in members(parse_filter(text))} == used
