"""A query is read, bound and refused before anything of it runs."""

from __future__ import annotations

import pytest

from p2c.edm.values import EdmType
from p2c.integrator.mapping.resolve import UnresolvedError
from p2c.integrator.query import QueryPlan, plan_query
from tests.unit.integrator.mapping.environments import MODELS

SALES = MODELS["sales"]
ACCOUNTS = SALES.entity_set["accounts"]


def plan(sql: str, company: str = "") -> QueryPlan:
    """The plan of a query for accounts of the shop."""
    return plan_query(sql, ACCOUNTS, SALES, company=company)


def refusal(sql: str, company: str = "") -> str:
    """Why the query is refused, and the way out."""
    with pytest.raises(UnresolvedError) as error:
        plan(sql, company)
    return str(error.value)


def reads(found: QueryPlan) -> dict[str, set[str]]:
    """What is read from the environment: entity set to properties."""
    return {read.entity.set_name: set(read.names) for read in found.reads}


def test_only_the_entities_and_fields_that_the_query_names_are_read() -> None:
    found = plan(
        """
        SELECT a.accountid, a.accountnumber, upper(a.name) AS name, c.isocurrencycode AS currency
        FROM accounts AS a LEFT JOIN transactioncurrencies AS c USING (transactioncurrencyid)
        WHERE a.statecode = 0
        """
    )
    assert reads(found) == {
        "accounts": {"accountid", "accountnumber", "name", "statecode", "transactioncurrencyid"},
        "transactioncurrencies": {"transactioncurrencyid", "isocurrencycode"},
    }


def test_the_columns_of_the_result_are_the_fields_with_their_types() -> None:
    found = plan(
        """
        SELECT accountid, transactioncurrencyid, NAME, creditlimit * 2 AS twice, creditlimit / 2 AS half,
            count(*) OVER () AS together, sum(statecode) OVER () AS states, statecode > 0 AS closed,
            birthdate, CAST('2026-01-31 12:00:00+01' AS TIMESTAMPTZ) AS since, NULL AS nothing
        FROM accounts
        """
    )
    assert {name: item.type for name, item in found.entity.property.items()} == {
        "accountid": EdmType.GUID,
        "transactioncurrencyid": EdmType.GUID,
        "name": EdmType.STRING,
        "twice": EdmType.DECIMAL,
        "half": EdmType.DOUBLE,
        "together": EdmType.INT64,
        "states": EdmType.INT64,
        "closed": EdmType.BOOLEAN,
        "birthdate": EdmType.DATE,
        "since": EdmType.DATETIME,
        "nothing": EdmType.STRING,
    }
    assert found.entity.property["transactioncurrencyid"].is_lookup
    assert found.entity.key == ACCOUNTS.key


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM accounts",
        "FROM accounts",
        "SELECT accounts.* FROM accounts",
        "SELECT COLUMNS('.*') FROM accounts",
        "SELECT accountid, CAST(a AS VARCHAR) AS whole FROM accounts AS a",
        "SELECT accountid FROM accounts NATURAL JOIN (SELECT 'x' AS name)",
    ],
)
def test_every_field_is_read_where_the_query_may_use_what_it_does_not_name(sql: str) -> None:
    assert reads(plan(sql))["accounts"] == set(ACCOUNTS.property)


def test_a_part_of_the_query_may_be_named_as_the_entity_it_reads() -> None:
    found = plan("WITH accounts AS (SELECT accountid, name FROM accounts WHERE name <> '') SELECT * FROM accounts;")
    assert list(found.entity.property) == ["accountid", "name"]


@pytest.mark.parametrize(
    "sql",
    [
        "ATTACH 'other.db'",
        "COPY accounts TO '/tmp/accounts.csv'",
        "PRAGMA database_list",
        "SET threads = 8",
        "INSTALL httpfs",
        "CREATE TABLE x AS SELECT 1",
        "DELETE FROM accounts",
        "EXPLAIN SELECT * FROM accounts",
        "SELECT accountid FROM accounts; SELECT accountid FROM accounts",
        "WITH x AS (DELETE FROM accounts RETURNING accountid) SELECT * FROM x",
        "SELECT accountid FROM accounts, read_csv('/etc/passwd')",
        "SELECT accountid FROM accounts, glob('/*')",
        "SELECT accountid FROM accounts, duckdb_settings()",
        "SELECT accountid FROM accounts, query('SELECT 1')",
        "SELECT accountid FROM accounts, '/etc/passwd'",
        "SELECT accountid FROM accounts, information_schema.tables",
        "SELECT accountid FROM accounts, main.accounts",
        "SELECT accountid FROM accounts, duckdb_tables",
        "SELECT accountid FROM accounts, (SUMMARIZE accounts)",
        "SELECT accountid FROM (PIVOT accounts ON name)",
        "SELECT accountid FROM accounts WHERE name = ?",
        "SELECT accountid, getenv('HOME') AS home FROM accounts",
        "",
        "-- nothing",
    ],
)
def test_whatever_is_not_one_select_over_entity_sets_is_refused(sql: str) -> None:
    assert "query" in refusal(sql) or "no entity set" in refusal(sql)


def test_a_variable_of_the_program_is_no_table() -> None:
    secrets = [("secret",)]
    assert "no entity set 'secrets'" in refusal("SELECT accountid FROM accounts, secrets")
    assert secrets


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT accountid FROM acounts", "no entity set 'acounts'; did you mean 'accounts'?"),
        ("SELECT accountid,\n  nam\nFROM accounts", 'Referenced column "nam" not found'),
        ("SELECT accountid,\n  nam\nFROM accounts", "(line 2 of the query: nam)"),
        ("SELECT accountid\nFROM accounts\nWHER name = ''", "on line 3"),
        ("SELECT name FROM accounts", "no column 'accountid'"),
        ("SELECT accountid, name, name FROM accounts", "two columns of the query are named 'name'"),
        ("SELECT accountid, [name] AS names FROM accounts", "column 'names' of the query is a VARCHAR[]"),
        ("SELECT transactioncurrencyid AS accountid FROM transactioncurrencies", "does not read accounts"),
        ("SELECT " + "(SELECT " * 400 + "1" + ")" * 400, "nested too deeply"),
        ("SELECT accountid FROM accounts --" + "x" * 20_000, "characters; write at most 20000"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_the_way_out(sql: str, told: str) -> None:
    assert told in refusal(sql)


def test_the_company_of_a_row_must_be_among_the_columns() -> None:
    assert "no column 'transactioncurrencyid'" in refusal("SELECT accountid FROM accounts", "transactioncurrencyid")
