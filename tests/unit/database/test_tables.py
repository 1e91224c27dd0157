"""Tables follow from definitions: names, types, indexes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Numeric, Text, Uuid

from p2c.commondata.model import MODEL as COMMON_DATA
from p2c.database.tables import CHANGED, VERSION, Storage, index_name
from p2c.edm.declare import decimal, lookup, text
from p2c.edm.entity import Table, surrogate
from p2c.edm.values import EdmType
from p2c.operations.model import MODEL as OPERATIONS
from p2c.sales.model import MODEL as SALES

THING = Table(
    "thing",
    (
        surrogate("thingid", EdmType.GUID),
        text("name", 10, "Name", column="label"),
        decimal("size", "Size", scale=3),
        lookup("ownerid", "Owner", "user", "team"),
    ),
    "thingid",
    unique=(("label",),),
    indexes=(("label",), ("ownerid",)),
)


def test_a_table_has_the_columns_of_its_definition_and_of_the_platform() -> None:
    table = Storage([THING]).tables["thing"]
    assert list(table.c.keys()) == ["thingid", "label", "size", "ownerid", "ownerid_type", VERSION, CHANGED]
    assert isinstance(table.c.thingid.type, Uuid)
    assert isinstance(table.c.label.type, Text)
    assert isinstance(table.c[VERSION].type, BigInteger)
    assert isinstance(table.c.size.type, Numeric)
    assert table.c.size.type.scale == 3
    assert [column.name for column in table.c if not column.nullable] == ["thingid", VERSION, CHANGED]


def test_unique_columns_have_one_index_to_be_unique_and_one_without_regard_to_case() -> None:
    indexes = {str(index.name): index.unique for index in Storage([THING]).tables["thing"].indexes}
    assert indexes == {
        "uq_thing_label": True,
        "lo_thing_label": False,
        "ix_thing_ownerid": False,
        f"ix_thing_{CHANGED}": False,
    }


def test_index_names_fit_postgresql_and_stay_apart() -> None:
    names = [index_name("ix", "a_table_with_a_long_name", ("column" * 10 + end,)) for end in "ab"]
    assert all(len(name) <= 63 for name in names)
    assert len(set(names)) == 2


def test_the_real_models_make_tables_without_a_clash() -> None:
    for model in (SALES, COMMON_DATA, OPERATIONS):
        storage = Storage(model.tables)
        assert set(storage.tables) == {table.name for table in model.tables}
        names = [index.name for table in storage.tables.values() for index in table.indexes]
        assert len(names) == len(set(names))
