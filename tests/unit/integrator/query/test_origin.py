"""Which columns of a query are made of fields of a kind; in doubt, all that nothing speaks for."""

from __future__ import annotations

import pytest

from p2c.integrator.query import columns_of_kind, plan_query
from tests.unit.integrator.mapping.environments import MODELS

SALES = MODELS["sales"]


def found(sql: str) -> set[str]:
    """The columns of a query over accounts that are made of `city`."""
    return set(columns_of_kind(plan_query(sql, SALES.entity_set["accounts"], SALES), lambda name: name == "city"))


@pytest.mark.parametrize(
    "select",
    [
        "name, city",
        "name, a.CITY",
        "name, upper(city) AS there",
        "name, city AS there",
        "there: city, name",
        "name, CASE WHEN city = 'Brno' THEN 'B' END AS there",
        "name, (SELECT max(b.city) FROM accounts AS b) AS there",
        "name, max(city) OVER (ORDER BY name) AS there",
        "name, list_transform([city], lambda y: y || 'z')[1] AS there",
        "name, city || name AS there, lower(there) AS again",
        "name, lower(city)",
        "a.* EXCLUDE (accountid, address1_country) REPLACE (city AS accountnumber)",
        "name, unnest({'there': city})",
    ],
)
def test_a_column_made_of_such_a_field_is_found_and_the_others_are_not(select: str) -> None:
    made = found(f"SELECT accountid, {select} FROM accounts AS a")
    assert made
    assert made <= {"city", "there", "again", "accountnumber", "lower(city)"}


@pytest.mark.parametrize(
    "sql",
    [
        "WITH p AS (SELECT accountid, city AS c FROM accounts) SELECT accountid, upper(c) AS there FROM p",
        "SELECT accountid, upper(s.c) AS there FROM (SELECT accountid, city AS c FROM accounts) AS s",
        "WITH p(accountid, there) AS (SELECT accountid, city FROM accounts) SELECT accountid, there FROM p",
        "SELECT x.i AS accountid, x.there FROM (SELECT accountid, city FROM accounts) AS x(i, there)",
        "SELECT accountid, country AS there FROM (SELECT * RENAME (city AS country) FROM accounts)",
        "SELECT accountid, name AS there FROM accounts UNION ALL SELECT accountid, city FROM accounts",
        "SELECT accountid, a::VARCHAR AS there FROM accounts AS a",
        "SELECT accountid, s::VARCHAR AS there FROM (SELECT accountid, city FROM accounts) AS s",
        "SELECT accountid, COLUMNS('cit.') AS there FROM accounts",
        "SELECT accountid, #4 AS there FROM accounts WHERE city > name",
        "SELECT accountid, v.there FROM accounts AS a, (VALUES (a.city)) AS v(there)",
        "SELECT accountid, u.unnest AS there FROM accounts AS a, unnest([a.city]) AS u",
        """SELECT accountid, s."upper(c)" AS there FROM (SELECT accountid, upper(c) FROM (
           SELECT accountid, city AS c FROM accounts)) AS s""",
    ],
)
def test_such_a_column_is_found_by_whatever_way_it_comes(sql: str) -> None:
    assert "there" in found(sql)


def test_a_query_that_uses_no_such_field_has_none_such_column() -> None:
    assert (
        found("SELECT accountid, upper(name), name AS n FROM accounts UNION ALL SELECT accountid, '', '' FROM accounts")
        == set()
    )
