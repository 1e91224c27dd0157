"""What the part of a URL after `?` asks for."""

from __future__ import annotations

import pytest

from p2c.odata.query import QueryError, parse_expand, parse_filter, parse_options, parse_orderby, parse_select
from p2c.odata.query.ast import Expand, OrderItem


def test_an_empty_query_asks_for_everything() -> None:
    options = parse_options("")
    assert (options.select, options.filter, options.top, options.count) == ((), None, None, False)


def test_every_option_is_read() -> None:
    options = parse_options(
        "$select=name,accountnumber&$filter=name%20eq+%27A%26B%27&$orderby=name asc,revenue desc&$top=5"
        "&$skip=10&$count=true&$expand=primarycontactid($select=fullname)&cross-company=true"
        "&$apply=groupby((a))&$skiptoken=%3Ccookie%3E&$deltatoken=7&tag=x&fetchXml=%3Cfetch/%3E&$format=json"
    )
    assert options.select == ("name", "accountnumber")
    assert options.filter == parse_filter("name eq 'A&B'")
    assert options.orderby == (OrderItem(("name",)), OrderItem(("revenue",), descending=True))
    assert (options.top, options.skip, options.count) == (5, 10, True)
    assert options.expand == (Expand("primarycontactid", select=("fullname",)),)
    assert options.custom == {"cross-company": "true", "tag": "x"}
    assert (options.apply, options.skiptoken, options.deltatoken) == ("groupby((a))", "<cookie>", "7")
    assert (options.fetch_xml, options.format) == ("<fetch/>", "json")


@pytest.mark.parametrize("query", ["$filter=name+eq+'a'", "$filter=name%20eq%20%27a%27", "%24filter=name eq 'a'"])
def test_spaces_and_quotes_may_be_encoded_or_not(query: str) -> None:
    assert parse_options(query).filter == parse_filter("name eq 'a'")


def test_an_encoded_plus_stays_a_plus() -> None:
    assert parse_options("$filter=phone eq '%2B420'").filter == parse_filter("phone eq '+420'")


def test_parameter_aliases_serve_filter_and_order() -> None:
    options = parse_options("$orderby=@p1 desc&$filter=@p1 ne @p2&@p1=revenue&@p2=5")
    assert options.filter == parse_filter("revenue ne 5")
    assert options.orderby == (OrderItem(("revenue",), descending=True),)
    assert options.aliases == {"@p1": "revenue", "@p2": "5"}


def test_options_without_a_value_count_as_absent() -> None:
    options = parse_options("$select=&$filter=&$orderby=&$expand=&&")
    assert (options.select, options.filter, options.orderby, options.expand) == ((), None, (), ())


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("$filtr=a eq 1", r"did you mean '\$filter'"),
        ("$top=1&$top=2", "again"),
        ("$top=-1", "whole number"),
        ("$top=", "whole number"),
        ("$skip=99999999999", "whole number"),
        ("$count=yes", "true or false"),
        ("$filter=name eq '%ff'", "UTF-8"),
        ("$orderby=name down", "asc or desc"),
        ("$select=a,,b", "the name of a property"),
        ("$expand=a($selct=b)", r"did you mean '\$select'"),
        ("$expand=a($select=b $top=1)", "';' or"),
        ("$expand=a($top=1;$top=2)", "once"),
        ("$expand=a($top=x)", "whole number"),
        ("$expand=a($count=1)", "true or false"),
        ("$expand=a()", r"an option such as \$select"),
        ("$expand=" + "a($expand=" * 21 + "b" + ")" * 21, "20 levels"),
    ],
)
def test_a_wrong_query_is_refused_with_the_way_out(query: str, words: str) -> None:
    with pytest.raises(QueryError, match=words):
        parse_options(query)


def test_a_star_selects_everything() -> None:
    assert parse_select("*") == parse_select("name,*") == ()


def test_order_follows_navigation() -> None:
    assert parse_orderby("primarycontactid/fullname") == (OrderItem(("primarycontactid", "fullname")),)


def test_expand_nests_its_options() -> None:
    text = (
        "quote_details($select=a,b;$filter=name eq 'x;y)' and (b eq 1);$orderby=a desc,b;$top=3;$skip=1;"
        "$count=true;$expand=productid($select=name)),ownerid/$ref"
    )
    assert parse_expand(text) == (
        Expand(
            "quote_details",
            select=("a", "b"),
            filter=parse_filter("name eq 'x;y)' and (b eq 1)"),
            orderby=(OrderItem(("a",), descending=True), OrderItem(("b",))),
            top=3,
            skip=1,
            count=True,
            expand=(Expand("productid", select=("name",)),),
        ),
        Expand("ownerid", ref=True),
    )


@pytest.mark.parametrize("text", ["ownerid,ownerid", "ownerid($select=a),ownerid/$ref", "a($expand=b,c,b($select=d))"])
def test_nothing_is_expanded_twice(text: str) -> None:
    with pytest.raises(QueryError, match="once"):
        parse_expand(text)
