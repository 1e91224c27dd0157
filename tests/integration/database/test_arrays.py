"""Lists as one parameter: PostgreSQL reads back what was written."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from p2c.database.arrays import bytes_array, number_array, text_array
from p2c.database.connect import open_database

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["", "NULL", "{}", '"', "\\", '\\"', ",", '","', " a ", "\n", "'", "\\x00"]
)
ONE_DATABASE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture
def connection(database_url: Callable[[str], str]) -> Iterator[Connection]:
    """A connection to an empty database."""
    engine = open_database(database_url("arrays"))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@ONE_DATABASE
@given(st.lists(TEXTS))
def test_texts_come_back_whatever_they_hold(connection: Connection, values: list[str]) -> None:
    found = connection.execute(text("SELECT CAST(:values AS text[])"), {"values": text_array(values)})
    assert found.scalar_one() == values


@ONE_DATABASE
@given(st.lists(st.binary(max_size=12)))
def test_bytes_come_back(connection: Connection, values: list[bytes]) -> None:
    found = connection.execute(text("SELECT CAST(:values AS bytea[])"), {"values": bytes_array(values)})
    assert found.scalar_one() == values


@ONE_DATABASE
@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_numbers_come_back(connection: Connection, values: list[int]) -> None:
    found = connection.execute(text("SELECT CAST(:values AS bigint[])"), {"values": number_array(values)})
    assert found.scalar_one() == values
