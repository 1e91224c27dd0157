"""`?sql=`: one SELECT, with the rows, names and limits that the product documents for it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest

from p2c.odata.service.access import Caller as Sender
from p2c.odata.service.access import Level, Privilege, Rights, acting
from tests.contracts.caller import Caller, Reply

ALL = 'odata.include-annotations="*"'
SENDER = UUID(int=7)
ROWS = "SELECT name FROM person"


@pytest.fixture
def settled(people: Caller) -> Caller:
    """Five people, three of them in two cities; Eve is Ada's friend."""
    people.bulk("cities", "CreateMultiple", *({"name": f"City {code}", "code": code} for code in "BP"))
    for name, age, kind, code in (
        ("Ada", 10, 1, "B"),
        ("Bob", 20, 1, "P"),
        ("Cid", 30, 2, "P"),
        ("Dan 50%", None, 2, ""),
    ):
        bind = {"cityid@odata.bind": f"cities(code='{code}')"} if code else {}
        row = {"name": name, "number": f"{name[:1]}1", "age": age, "kind": kind, "active": kind == 1, **bind}
        assert people("POST", "people", row).status == 204
    eve = {"name": "Eve", "born": "2020-02-29", "friendid_person@odata.bind": "people(number='A1')"}
    assert people("POST", "people", eve).status == 204
    return people


def asked(people: Caller, sql: str, set_name: str = "people", prefer: str = "") -> Reply:
    """The answer to a statement."""
    return people("GET", f"{set_name}?sql={quote(sql, safe='')}", prefer=prefer)


def rows(people: Caller, sql: str, set_name: str = "people") -> list[dict[str, Any]]:
    """The rows of all pages without what OData adds to them."""
    answer = asked(people, sql, set_name)
    assert answer.status == 200, answer.body
    return [{name: value for name, value in row.items() if "@" not in name} for row in answer.rows]


def values(people: Caller, sql: str, set_name: str = "people") -> list[Any]:
    """What the rows tell beside their ids, one value a row."""
    keys = ("personid", "cityid")
    found = [[value for name, value in row.items() if name not in keys] for row in rows(people, sql, set_name)]
    assert all(len(row) == 1 for row in found)
    return [row[0] for row in found]


def test_rows_come_with_their_key_and_etag_and_the_columns_that_are_named(settled: Caller) -> None:
    row = asked(settled, "SELECT p.name, cityid FROM person AS p WHERE p.name = 'ada'").rows[0]
    assert set(row) == {"@odata.etag", "personid", "name", "_cityid_value"}


def test_an_alias_takes_the_place_of_the_name_and_an_annotation_keeps_it(settled: Caller) -> None:
    sql = "SELECT name AS who, kind [the kind], cityid AS town FROM person WHERE age = 10"
    row = asked(settled, sql, prefer=ALL).rows[0]
    assert {name for name in row if "@" not in name} == {"personid", "who", "the kind", "town"}
    assert row["who@OData.Community.Display.V1.AttributeName"] == "name"
    assert row["the kind@OData.Community.Display.V1.FormattedValue"] == "One"


@pytest.mark.parametrize(
    ("condition", "initials"),
    [
        ("name = 'BOB'", "B"),
        ("age <> 10", "BCDE"),
        ("age != 10 AND age < 30", "B"),
        ("age >= 20", "BC"),
        ("age IS NULL", "DE"),
        ("NAME IS NOT NULL AND Age IS NULL", "DE"),
        ("age IN (10, 30)", "AC"),
        ("name NOT IN ('Ada', 'bob')", "CDE"),
        ("age BETWEEN 10 AND 20", "AB"),
        ("age NOT BETWEEN 10 AND 20", "C"),
        ("name BETWEEN 'B' AND 'D'", "BC"),
        ("active = 1", "AB"),
        ("born = '2020-02-29'", "E"),
        ("age = 10 OR age = 20 AND kind = 2", "A"),
        ("(age = 10 OR age = 20) AND kind = 1", "AB"),
        ("name LIKE '%d%'", "ACD"),
        ("name LIKE '_ob'", "B"),
        ("name LIKE '%[%]'", "D"),
        ("name LIKE '[a-b]%'", "AB"),
        ("name LIKE '[^a-b]__'", "CE"),
        ("name LIKE 'Ada' OR name NOT LIKE '%a%' AND name <> N'Eve'", "ABC"),
        ("name = 'it''s; DROP TABLE person --'", ""),
        ("name LIKE '%\\%'", ""),
    ],
)
def test_conditions_leave_the_rows_that_meet_them(settled: Caller, condition: str, initials: str) -> None:
    assert "".join(name[0] for name in values(settled, f"{ROWS} WHERE {condition} ORDER BY name")) == initials


def test_rows_are_ordered_and_cut(settled: Caller) -> None:
    by_age = "SELECT TOP 2 name FROM person ORDER BY kind DESC, age DESC"
    assert values(settled, by_age) == ["Cid", "Dan 50%"]
    assert values(settled, f"{ROWS} ORDER BY name OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY") == ["Bob", "Cid"]
    assert values(settled, f"{ROWS} ORDER BY name DESC OFFSET 3 ROWS") == ["Bob", "Ada"]
    assert values(settled, "SELECT TOP (0) name FROM person") == []
    assert values(settled, "SELECT name AS who FROM person ORDER BY who DESC")[0] == "Eve"
    assert values(settled, "SELECT DISTINCT TOP 2 kind FROM person ORDER BY kind DESC") == [2, 1]
    assert values(settled, "SELECT DISTINCT born FROM person WHERE born IS NOT NULL ORDER BY born") == ["2020-02-29"]


def test_tables_are_joined_by_equal_columns(settled: Caller) -> None:
    inner = "SELECT p.name, c.name AS town FROM person p INNER JOIN city c ON p.cityid = c.cityid"
    assert [(row["name"], row["town"]) for row in rows(settled, f"{inner} ORDER BY c.name DESC, p.name")] == [
        ("Bob", "City P"),
        ("Cid", "City P"),
        ("Ada", "City B"),
    ]
    outer = "FROM person LEFT JOIN city ON city.cityid = person.cityid"
    codes = values(settled, f"SELECT code {outer} ORDER BY person.name")
    assert codes == ["B", "P", "P", None, None]
    homeless = values(settled, f"SELECT person.name {outer} WHERE city.code IS NULL ORDER BY person.name")
    assert homeless == ["Dan 50%", "Eve"]


def test_a_table_is_joined_to_itself_and_on_to_another(settled: Caller) -> None:
    sql = (
        "SELECT e.name AS who, f.name AS friend, c.code FROM person e JOIN person f ON e.friendid = f.personid"
        " LEFT JOIN city c ON f.cityid = c.cityid"
    )
    found = rows(settled, sql)
    assert [(row["who"], row["friend"], row["code"]) for row in found] == [("Eve", "Ada", "B")]
    children = "SELECT p.name FROM city c JOIN person p ON c.cityid = p.cityid WHERE c.code = 'P' ORDER BY p.name"
    assert values(settled, children, "cities") == ["Bob", "Cid"]


def test_joined_columns_have_their_own_tables_labels(settled: Caller) -> None:
    sql = "SELECT c.name, p.kind FROM city c JOIN person p ON c.cityid = p.cityid WHERE p.age = 30"
    row = asked(settled, sql, "cities", prefer=ALL).rows[0]
    assert row["kind@OData.Community.Display.V1.FormattedValue"] == "Two"


def test_rows_are_counted_and_aggregated_by_groups(settled: Caller) -> None:
    functions = "COUNT(*) AS n, COUNT(age) AS ages, SUM(age) AS s, AVG(age) AS a, MIN(age) AS lo, MAX(age) hi"
    whole = rows(settled, f"SELECT {functions} FROM person")
    assert whole == [{"n": 5, "ages": 3, "s": 60, "a": 20, "lo": 10, "hi": 30}]
    assert rows(settled, "SELECT COUNT(*), MAX(age), COUNT(DISTINCT kind) FROM person") == [
        {"count": 5, "max_age": 30, "count_kind": 2}
    ]
    grouped = (
        "SELECT c.code, COUNT(p.personid) AS n FROM city c JOIN person p ON c.cityid = p.cityid"
        " GROUP BY c.code ORDER BY n DESC, c.code"
    )
    assert rows(settled, grouped, "cities") == [{"code": "P", "n": 2}, {"code": "B", "n": 1}]


def test_pages_follow_one_another_without_missing_or_repeating_a_row(settled: Caller) -> None:
    for sql in (f"{ROWS} ORDER BY kind", "SELECT name, COUNT(*) AS skiptoken FROM person GROUP BY name"):
        url, read = f"people?sql={quote(sql)}", []
        while url:
            page = settled("GET", url, prefer="odata.maxpagesize=2")
            assert page.status == 200, page.body
            read.append([row["name"] for row in page.rows])
            url = page.json.get("@odata.nextLink", "")
        assert [len(page) for page in read] == [2, 2, 1]
        assert len({name for page in read for name in page}) == 5


def test_top_counts_over_all_pages(settled: Caller) -> None:
    first = asked(settled, "SELECT TOP 3 name FROM person ORDER BY name", prefer="odata.maxpagesize=2")
    last = settled("GET", first.json["@odata.nextLink"], prefer="odata.maxpagesize=2")
    assert [row["name"] for row in (*first.rows, *last.rows)] == ["Ada", "Bob", "Cid"]
    assert "@odata.nextLink" not in last.json


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "SELECT * FROM person",
        "SELECT name FROM person; SELECT name FROM city",
        "DELETE FROM person",
        "SELECT name FROM town",
        "SELECT town FROM person",
        "SELECT x.name FROM person p",
        "SELECT name FROM city",
        "SELECT name FROM person WHERE 1 = 1",
        "SELECT name FROM person WHERE name = age",
        "SELECT name FROM person WHERE name = NULL",
        "SELECT name FROM person WHERE age = 'x'",
        "SELECT name FROM person WHERE lower(name) = 'x'",
        "SELECT name FROM person WHERE personid IN (SELECT personid FROM person)",
        "SELECT name FROM person WHERE EXISTS (SELECT 1)",
        "SELECT name FROM person WHERE name LIKE '[z-a]%'",
        "SELECT name FROM person WHERE name = 'x",
        "SELECT TOP 5001 name FROM person",
        "SELECT TOP 5 PERCENT name FROM person",
        "SELECT name FROM person, city",
        "SELECT person.name FROM person RIGHT JOIN city ON city.cityid = person.cityid",
        "SELECT person.name FROM person CROSS JOIN city",
        "SELECT person.name FROM person JOIN city ON city.cityid = city.cityid",
        "SELECT person.name FROM person JOIN city ON city.name = person.age",
        "SELECT person.name FROM person JOIN person ON personid = friendid",
        "SELECT name FROM person JOIN city ON city.cityid = person.cityid",
        "SELECT person.name, city.name FROM person JOIN city ON city.cityid = person.cityid",
        "SELECT name, COUNT(*) AS n FROM person",
        "SELECT COUNT(*) AS n FROM person GROUP BY kind",
        "SELECT kind FROM person GROUP BY kind HAVING COUNT(*) > 1",
        "SELECT SUM(name) AS s FROM person",
        "SELECT name FROM person UNION SELECT name FROM city",
        "SELECT name FROM person ORDER BY LEN(name)",
        "SELECT DISTINCT name FROM person ORDER BY age",
        "SELECT name FROM person WHERE " + "(" * 50 + "age = 1" + ")" * 50,
        f"SELECT name AS {'x' * 64} FROM person",
    ],
)
def test_what_is_not_supported_is_refused(people: Caller, sql: str) -> None:
    refused = asked(people, sql)
    assert refused.status == 400, refused.body
    assert refused.code.startswith("0x8")


def test_too_many_conditions_have_their_own_code(people: Caller) -> None:
    refused = asked(people, f"{ROWS} WHERE {' OR '.join(['age = 1'] * 501)}")
    assert (refused.status, refused.code) == (400, "0x8004430c")


def test_every_table_of_a_statement_needs_the_right_to_read(settled: Caller) -> None:
    rights = Rights({("person", Privilege.READ): Level.ORGANIZATION})
    with acting(Sender(SENDER, "clerk", rights)):
        assert asked(settled, ROWS).status == 200
        joined = "SELECT p.name FROM person p LEFT JOIN city c ON c.cityid = p.cityid"
        assert asked(settled, joined).status == 403


def test_the_next_pages_token_is_of_this_query_alone(settled: Caller) -> None:
    assert settled("GET", f"people?sql={quote(ROWS)}&$skiptoken=x").status == 400
