"""What users add joins the shipped model, and leaves it, without touching the rest."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from p2c.edm.customization import (
    KINDS,
    CustomColumn,
    Customization,
    CustomKey,
    CustomLink,
    CustomTable,
    Part,
    identity,
)
from p2c.edm.customized import customized
from p2c.edm.declare import text
from p2c.edm.entity import AlternateKey, Entity, Model, Table, surrogate
from p2c.edm.property import OnDelete, Property
from p2c.edm.values import EdmType


def entity(name: str, *columns: Property, keys: Sequence[AlternateKey] = ()) -> Entity:
    """A table with a number as its key."""
    own = (surrogate(f"{name}id", EdmType.INT64), *columns)
    table = Table(name, own, f"{name}id", unique=tuple(key.properties for key in keys))
    return Entity(name, f"{name}s", name, name, own, (f"{name}id",), table, alternate_keys=tuple(keys))


CITY, SHOP = entity("city", text("name", 50, "Name")), entity("shop", text("name", 50, "Name"))
SHIPPED = Model("m", "N", (CITY, SHOP), (CITY.table, SHOP.table))
REGION = CustomTable(schema_name="new_Region", set_name="new_regions", label="R", plural="Rs", primary_name="new_name")
NAME = CustomColumn(table="new_region", schema_name="new_Name", kind="String", label="Name", max_length=9)
ZIP = CustomColumn(table="city", schema_name="new_Zip", kind="String", label="Zip", max_length=5)
HOME = CustomColumn(
    table="new_region",
    schema_name="new_HomeId",
    kind="Lookup",
    label="Home",
    target="city",
    relationship="new_city_region",
    on_delete=OnDelete.CASCADE,
)
KEY = CustomKey(table="city", schema_name="new_ByZip", label="By zip", columns=("new_zip",))
LINK = CustomLink(
    schema_name="new_Shops",
    links="new_shops_links",
    first="city",
    second="new_region",
    first_navigation="new_Regions",
    second_navigation="new_Cities",
)
ALL = (REGION, NAME, ZIP, HOME, KEY, LINK)


class Plain:
    """A platform that adds nothing of its own."""

    def table(self, table: CustomTable, columns: Sequence[Property], keys: Sequence[AlternateKey]) -> Entity:
        """The table as it was defined."""
        return entity(table.name, *columns, keys=keys)

    def companions(self, columns: Sequence[Property], present: Entity) -> tuple[Property, ...]:
        """Nothing."""
        return ()


def merged(*parts: Part) -> Model:
    """The shipped model with these parts."""
    return customized(SHIPPED, Customization().with_parts(*parts), Plain())


def test_a_column_and_a_key_join_the_entity_and_its_table() -> None:
    city = merged(ZIP, KEY).entity["city"]
    assert (city.property["new_zip"].max_length, city.table.column["new_zip"].max_length) == (5, 5)
    assert (city.alternate_keys[0].properties, city.table.unique) == (("new_zip",), (("new_zip",),))


def test_entities_that_nothing_was_added_to_stay_the_same_objects() -> None:
    model = merged(ZIP)
    assert model.entity["shop"] is SHOP
    assert SHIPPED.entity["city"].property.keys() == {"cityid", "name"}


def test_a_lookup_keeps_keys_of_its_target_and_is_called_as_it_was_typed() -> None:
    lookup = merged(REGION, NAME, HOME).entity["new_region"].property["new_homeid"]
    assert (lookup.type, lookup.targets, lookup.navigations) == (EdmType.INT64, ("city",), ("new_HomeId",))
    assert (lookup.inverses, lookup.on_delete) == (("new_city_region",), OnDelete.CASCADE)


def test_links_have_a_table_with_a_column_for_each_side_and_are_unique() -> None:
    model = merged(*ALL)
    (link,) = model.many_to_many
    assert link.table.unique == (("cityid", "new_regionid"),)
    assert model.table["new_shops_links"] is link.table
    assert [(own.navigation, other.entity) for own, other in link.directions] == [
        ("new_Regions", "new_region"),
        ("new_Cities", "city"),
    ]


@pytest.mark.parametrize("part", ALL, ids=lambda part: type(part).__name__)
def test_every_part_is_read_back_from_what_is_kept_of_it(part: Part) -> None:
    kept = msgspec.json.encode(part)
    assert msgspec.json.decode(kept, type=KINDS[identity(part)[0]]) == part


def test_a_part_takes_the_place_of_its_namesake_and_leaves_alone() -> None:
    wider = msgspec.structs.replace(ZIP, max_length=9)
    added = Customization().with_parts(*ALL).with_parts(wider)
    assert added.columns == (NAME, wider, HOME)
    assert added.without(wider).columns == (NAME, HOME)
    assert added.without(wider).keys == (KEY,)
