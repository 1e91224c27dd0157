"""A SELECT is read into a tree, and whatever is no SELECT is refused in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.odata.query.errors import QueryError
from p2c.odata.service.dataverse.sql.parse import parse_statement
from p2c.odata.service.dataverse.sql.tree import Item, Join, Junction, Name, Ordering, Predicate

_WORDS = (
    "SELECT TOP FROM WHERE AND OR NOT IN LIKE IS NULL BETWEEN GROUP BY ORDER LEFT JOIN ON AS COUNT OFFSET ROWS name"
    " a.name account [x_y] 'text' 5 * ( ) , = <> ; -- /* ' [ é \0"
)
WORDS = st.sampled_from(_WORDS.split(" "))


def test_every_part_of_a_statement_is_read() -> None:
    read = parse_statement(
        "select distinct top 5 a.name as n, count(distinct c.contactid) from account a /* all */ "
        "left outer join contact as c on (a.accountid = c.parentcustomerid) "
        "where a.name like 'A''%' and (c.age is not null or c.age not between 1 and 2) "
        "group by a.name order by n desc, a.name -- the end"
    )
    assert (read.table, read.alias, read.distinct, read.top) == ("account", "a", True, 5)
    assert read.items == (
        Item(Name("name", "a"), alias="n"),
        Item(Name("contactid", "c"), "COUNT", distinct=True),
    )
    assert read.joins == (Join("contact", "c", False, Name("accountid", "a"), Name("parentcustomerid", "c")),)
    age = Name("age", "c")
    outside = Junction(False, (Predicate(age, "lt", ("1",)), Predicate(age, "gt", ("2",))))
    assert read.where == Junction(
        True, (Predicate(Name("name", "a"), "like", ("A'%",)), Junction(False, (Predicate(age, "not-null"), outside)))
    )
    assert read.groups == (Name("name", "a"),)
    assert read.orders == (Ordering(Name("n"), True), Ordering(Name("name", "a")))


def test_and_binds_more_strongly_than_or() -> None:
    one, two, three = (Predicate(Name(name), "eq", ("1",)) for name in "abc")
    read = parse_statement("SELECT x FROM t WHERE a = 1 OR b = 1 AND c = 1")
    assert read.where == Junction(False, (one, Junction(True, (two, three))))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("SELECT * FROM t", "name the columns"),
        ("SELECT a FROM t WHERE a = NULL", "IS NULL"),
        ("SELECT a FROM t GROUP BY a HAVING COUNT(*) > 1", "WHERE before"),
        ("SELECT a FROM t RIGHT JOIN u ON t.a = u.a", "LEFT JOIN"),
        ("SELECT a FROM t WHERE EXISTS (SELECT b FROM u)", "two queries"),
    ],
)
def test_what_is_not_supported_has_a_way_out(text: str, hint: str) -> None:
    with pytest.raises(QueryError, match=hint):
        parse_statement(text)


@given(st.lists(WORDS, max_size=30).map(" ".join) | st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_statement(text)
    except QueryError as error:
        assert "expected" in str(error) or "found" in str(error) or "more than" in str(error)


@pytest.mark.parametrize("text", ["(" * 30_000, "SELECT a FROM t WHERE " + "(" * 30_000, "'" * 59_999, "/*" * 30_000])
def test_long_texts_without_an_end_are_refused(text: str) -> None:
    with pytest.raises(QueryError):
        parse_statement(text)
