"""Sessions on a real PostgreSQL: bulk writes, versions, numbers, what stays of deleted rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError

from p2c.database.connect import open_database
from p2c.database.migrate import migrate
from p2c.database.session import Database
from p2c.database.settled import is_settled
from p2c.database.tables import Storage
from p2c.edm.declare import text as words
from p2c.edm.declare import whole
from p2c.edm.entity import Table
from p2c.edm.values import Row
from p2c.errors import ConfigurationError, RetryError
from tests.contracts.caller import open_model
from tests.contracts.model import REGISTRY

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC)
ADA: Row = {
    "personid": UUID(int=1),
    "name": "Ada \t\\N \"x\" 'y'\nČő",
    "age": 7,
    "wealth": Decimal("1234567890123456789012.3456"),
    "active": False,
    "born": date(1, 1, 1),
    "seen": NOW,
}


@pytest.fixture(scope="module")
def opened(database_url: Callable[[str], str]) -> Iterator[Database]:
    """The registry's tables."""
    database = open_model(REGISTRY, database_url("sessions"))
    yield Database(database.engine, database.storage, clock=lambda: NOW)
    database.engine.dispose()


@pytest.fixture
def database(opened: Database) -> Database:
    """The registry's tables without rows."""
    with opened.engine.begin() as connection:
        connection.execute(text("TRUNCATE person, city, deleted_row, number_sequence"))
    return opened


def stored(database: Database) -> list[Row]:
    """All people."""
    with database.begin() as session:
        return session.all("person")


def test_values_of_every_type_are_kept_exactly(database: Database) -> None:
    with database.begin() as session:
        session.insert("person", [dict(ADA)])
    (row,) = stored(database)
    assert {name: row[name] for name in ADA} == ADA
    assert (row["createdon"], row["modifiedon"]) == (NOW, NOW)


def test_an_update_sets_what_each_row_names_and_nothing_else_in_one_statement(database: Database) -> None:
    rows: list[Row] = [{"personid": UUID(int=n), "name": f"{n}", "age": n, "active": True} for n in (1, 2, 3)]
    with database.begin() as session:
        session.insert("person", rows)
    before = {row["personid"]: row["versionnumber"] for row in stored(database)}
    with database.begin() as session:
        session.update(
            "person",
            [
                {"personid": UUID(int=1), "age": None},
                {"personid": UUID(int=2), "name": '"zwei" \\ \'', "wealth": Decimal("0.1")},
            ],
        )
    one, two, three = stored(database)
    assert (one["name"], one["age"], one["active"]) == ("1", None, True)
    assert (two["name"], two["age"], two["wealth"]) == ('"zwei" \\ \'', 2, Decimal("0.1"))
    versions = {row["personid"]: row["versionnumber"] for row in (one, two, three)}
    changed = {key for key, version in versions.items() if version != before[key]}
    assert changed == {UUID(int=1), UUID(int=2)}


def test_an_error_undoes_everything(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.begin() as session:
        session.insert("person", [dict(ADA)])
        raise ZeroDivisionError
    assert stored(database) == []


def test_copy_reports_doubled_keys_and_bad_values_as_statements_do(database: Database) -> None:
    with pytest.raises(IntegrityError), database.begin() as session:
        session.insert("person", [dict(ADA), dict(ADA)])
    with pytest.raises(DataError), database.begin() as session:
        session.insert("person", [{**ADA, "name": "a\0b"}])
    assert stored(database) == []


def test_rows_are_matched_by_several_columns_and_empty_parts_match_nothing(database: Database) -> None:
    rows: list[Row] = [
        {"personid": UUID(int=n), "name": "x", "number": f"{n}", "branch": None if n == 3 else "b"} for n in (1, 2, 3)
    ]
    with database.begin() as session:
        session.insert("person", rows)
        found = session.match("person", ("number", "branch"), [("1", "b"), ("2", "c"), ("3", None)], ("number",))
        assert found == [{"number": "1"}]
        assert session.match("person", ("number",), []) == []
        assert [row["number"] for row in session.rows("person", "number", ["2", "1", "2", None], ("number",))] == [
            "1",
            "2",
        ]


def test_a_deleted_row_is_remembered_by_its_key(database: Database) -> None:
    with database.begin() as session:
        session.insert("person", [dict(ADA)])
        session.delete("person", [ADA["personid"], UUID(int=99)])
        gone = session.connection.execute(text("SELECT table_name, key FROM deleted_row")).all()
    assert [tuple(row) for row in gone] == [("person", str(ADA["personid"]))]


def test_numbers_increase_and_are_not_given_twice_even_when_work_is_undone(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.begin() as session:
        assert list(session.take("n", 3, start=1000)) == [1000, 1001, 1002]
        raise ZeroDivisionError
    with database.begin() as session:
        assert list(session.take("n", 2, start=1000)) == [1003, 1004]
        assert list(session.take("n", 0)) == []

    def take(count: int) -> list[int]:
        with database.begin() as session:
            return list(session.take("n", count))

    with ThreadPoolExecutor(8) as pool:
        taken = [number for numbers in pool.map(take, [5] * 60) for number in numbers]
    assert len(set(taken)) == len(taken) == 300


def test_lower_case_is_known_for_every_language(database: Database) -> None:
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT lower('ČŐÅŽ')")).scalar_one() == "čőåž"


def test_migration_adds_what_is_missing_once_and_drops_nothing(database_url: Callable[[str], str]) -> None:
    engine = open_database(database_url("growing"))
    small = Storage(REGISTRY.tables[:1])
    full = Storage(REGISTRY.tables)
    assert migrate(engine, small.metadata) > 0
    assert migrate(engine, small.metadata) == 0
    assert migrate(engine, full.metadata) > 0
    assert migrate(engine, small.metadata) == 0
    with Database(engine, full).begin() as session:
        assert session.all("person") == []
    engine.dispose()


def test_what_was_taken_away_by_hand_comes_again(database_url: Callable[[str], str]) -> None:
    engine = open_database(database_url("taken"))
    metadata = Storage(REGISTRY.tables).metadata
    migrate(engine, metadata)
    for statement in ("DROP TABLE person", "ALTER TABLE city DROP COLUMN name", "DROP SEQUENCE row_version CASCADE"):
        with engine.begin() as connection:
            connection.execute(text(statement))
        with engine.begin() as connection:
            assert not is_settled(connection, metadata)
    assert migrate(engine, metadata) > 0
    with engine.begin() as connection:
        assert is_settled(connection, metadata)
    engine.dispose()


def test_several_processes_may_migrate_at_once(database_url: Callable[[str], str]) -> None:
    engine = open_database(database_url("shared"))
    with ThreadPoolExecutor(4) as pool:
        steps = list(pool.map(lambda _: migrate(engine, Storage(REGISTRY.tables).metadata), range(4)))
    assert sorted(steps)[:3] == [0, 0, 0]
    engine.dispose()


def test_a_column_of_another_type_is_named_and_nothing_changed(database_url: Callable[[str], str]) -> None:
    engine = open_database(database_url("clash"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE city (cityid uuid PRIMARY KEY, name integer)"))
    with pytest.raises(ConfigurationError, match=r"column city\.name is INTEGER"):
        migrate(engine, Storage(REGISTRY.tables).metadata)
    engine.dispose()


def test_rows_that_become_doubles_are_named_and_nothing_changed(database_url: Callable[[str], str]) -> None:
    """A version that does not tell keys apart by case cannot take over rows that differ in nothing else."""
    columns = (whole("id", "Id"), words("code", 10, "Code"))
    before = Table("place", columns, "id", unique=(("code",),))
    database = Database(open_database(database_url("doubles")), Storage([before]))
    migrate(database.engine, database.storage.metadata)
    with database.begin() as session:
        session.insert("place", [{"id": 1, "code": "a1"}, {"id": 2, "code": "A1"}])
    with pytest.raises(ConfigurationError, match=r"same key.*\(a1\) is duplicated"):
        migrate(database.engine, Storage([replace(before, ignores_case=True)]).metadata)
    with database.begin() as session:
        assert len(session.all("place")) == 2
    database.engine.dispose()


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "nonsense"])
def test_only_postgresql_urls_are_taken(url: str) -> None:
    with pytest.raises(ConfigurationError, match="postgresql://user:password@host"):
        open_database(url)


def test_a_server_that_is_away_is_named_without_the_password() -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_database("postgresql://me:secret@127.0.0.1:9/none")
    assert "127.0.0.1:9" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_lost_connection_is_to_be_tried_again(database: Database) -> None:
    with pytest.raises(RetryError), database.begin() as session:
        pid = session.connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with database.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        session.all("person")
    assert stored(database) == []
