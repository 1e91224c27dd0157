"""Everything that Sales and Operations describe in `$metadata` has the name and type of the real products' own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from p2c.edm.values import EdmType
from p2c.odata.service.csdl import csdl
from p2c.odata.service.dialect import DATAVERSE, FNO
from p2c.operations.model import MODEL as OPERATIONS
from p2c.sales.model import MODEL as SALES

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT.parent / "shared" / "reference" / "schema"
DEVIATIONS = ROOT / "docs" / "deviations.md"
_EDM = "{http://docs.oasis-open.org/odata/ns/edm}"

OUR_SETS = frozenset({"msdynce_p2cautonumbers", "RecurringDataJobs", "SystemUsers", "SysAADClients"})
"""Entity sets that the public schemas do not have."""
OUR_COLUMNS = frozenset({"LegalEntities.AccountingCurrency", "ReleasedProductsV2.IsSalesStopped"})
"""Columns of ours in entity sets of the products."""

UNLISTED_CHOICES = {"organization.discountcalculationmethod"}
"""Choices whose values the reference tells in words."""

_NAMES_OF_TYPES: Mapping[str, frozenset[str]] = {
    "Edm.Boolean": frozenset({"boolean"}),
    "Edm.Int32": frozenset({"integer", "smallInteger", "language", "listLookup", "listLookupCorrelated"}),
    "Edm.Int64": frozenset({"bigInteger"}),
    "Edm.Decimal": frozenset({"decimal", "currency", "baseCurrency"}),
    "Edm.Date": frozenset({"dateTime"}),
    "Edm.DateTimeOffset": frozenset({"dateTime"}),
    "Edm.Guid": frozenset({"entityId", "guid", "lookup"}),
}
"""Words of the Common Data Model by type on the wire; texts go by many words there, by none of these."""
_NOT_TEXT = frozenset().union(*_NAMES_OF_TYPES.values())


class _Column(msgspec.Struct):
    type: str
    options: dict[str, str] = {}


class _Table(msgspec.Struct):
    entity_set: str
    attributes: dict[str, _Column]


class _DataEntity(msgspec.Struct):
    keys: list[str]
    properties: dict[str, str]
    navigation: dict[str, str] = {}


class _DataEntities(msgspec.Struct):
    entities: dict[str, _DataEntity]
    enums: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Exposed:
    """A property of `$metadata`: its entity set, name, and type without our namespace."""

    entity_set: str
    name: str
    type: str

    def __str__(self) -> str:
        return f"{self.entity_set}.{self.name}"


@dataclass
class Differences:
    """Entity sets and columns that the public schema does not have, and columns of another type."""

    sets: set[str] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)
    types: list[str] = field(default_factory=list)


def exposed(document: str, namespace: str) -> Iterator[Exposed]:
    """All properties of all entity sets of a `$metadata`."""
    schema = ElementTree.fromstring(document.encode())
    types = {kind.get("Name", ""): kind for kind in schema.iter(f"{_EDM}EntityType")}
    for entity_set in schema.iter(f"{_EDM}EntitySet"):
        kind = types[entity_set.get("EntityType", "").removeprefix(f"{namespace}.")]
        for item in kind.iter(f"{_EDM}Property"):
            yield Exposed(
                entity_set.get("Name", ""), item.get("Name", ""), item.get("Type", "").removeprefix(f"{namespace}.")
            )


SALES_COLUMNS = list(exposed(csdl(SALES, DATAVERSE, "System"), SALES.namespace))
OPERATIONS_COLUMNS = list(exposed(csdl(OPERATIONS, FNO, "Resources"), OPERATIONS.namespace))


def read_schema(name: str) -> bytes:
    """A public schema, which is no part of the project; the test is skipped where it does not lie beside it."""
    path = SCHEMAS / name
    if not path.exists():
        pytest.skip(f"no public schema to check against: {path} does not exist")
    return path.read_bytes()


def test_every_column_of_sales_has_the_public_name_and_type() -> None:
    tables = msgspec.convert(json.loads(read_schema("dataverse.json")), dict[str, _Table])
    public = {table.entity_set: table.attributes for table in tables.values()}
    found = Differences()
    for item in SALES_COLUMNS:
        if item.entity_set not in public:
            found.sets.add(item.entity_set)
            continue
        lookup = item.name.startswith("_") and item.name.endswith("_value")
        column = public[item.entity_set].get(item.name[1:-6] if lookup else item.name)
        if column is None:
            found.columns.add(str(item))
        elif not _is_of_type(item.type, column.type):
            found.types.append(f"{item} is {item.type}, public {column.type}")
    assert found == Differences({"msdynce_p2cautonumbers"})


def _is_of_type(wire: str, public: str) -> bool:
    if wire == "Edm.String":
        return public not in _NOT_TEXT
    return public in _NAMES_OF_TYPES[wire]


def test_every_choice_of_sales_has_the_public_labels() -> None:
    """The public schema has the labels of each choice, counted from 0 in the order of the model: no values."""
    tables = msgspec.convert(json.loads(read_schema("dataverse.json")), dict[str, _Table])
    different = []
    for entity, item, choices in sales_choices():
        options = tables[entity].attributes[item].options if entity in tables else {}
        ours = sorted(label for _, label in choices)
        if options and ours != sorted(label.strip() for label in options.values()):
            different.append(f"{entity}.{item} has {ours}, public {sorted(options.values())}")
    assert different == []


def test_every_choice_of_sales_has_the_public_values() -> None:
    tables = msgspec.convert(json.loads(read_schema("dataverse.json")), dict[str, _Table])
    known = known_choices(read_schema("../sales-entities.md").decode())
    different, unlisted = [], set()
    for entity, item, choices in sales_choices():
        if entity not in tables or not tables[entity].attributes[item].options:
            continue
        public = known.get((entity, item))
        if not public:
            unlisted.add(f"{entity}.{item}")
        elif sorted(choices) != sorted(public):
            different.append(f"{entity}.{item} has {choices}, public {public}")
    assert different == []
    assert unlisted == UNLISTED_CHOICES


def sales_choices() -> Iterator[tuple[str, str, list[tuple[int, str]]]]:
    """The choices of Sales but yes and no: entity, column, values with their labels."""
    for entity in SALES.entities:
        for item in entity.properties:
            if item.choices is not None and item.type is not EdmType.BOOLEAN:
                yield entity.name, item.name, [(member.value, member.label) for member in item.choices.members]


def known_choices(text: str) -> dict[tuple[str, str], list[tuple[int, str]]]:
    """Values and labels by entity and column, from the tables of a page; long lists stand in a table of their own."""
    sections = re.split(r"(?m)^### (\w+) .*$", text)
    long = dict(re.findall(r"(?m)^\| (\w+)(?: \([^)]*\))? \| (0 None; .*|1 Accounting; .*) \|$", text))
    found = {}
    for entity, section in zip(sections[1::2], sections[2::2], strict=True):
        for line in section.splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if len(cells) < 5 or cells[1] not in ("Picklist", "State", "Status"):
                continue
            named = re.search(r"option set (\w+)", cells[4])
            values = long[named[1]] if named is not None else cells[4]
            parts = (re.sub(r" \(state \d+\)|,? ?default .*", "", part.strip()) for part in values.split(";"))
            found[entity, cells[0]] = [
                (int(match[1]), match[2].strip()) for part in parts if (match := re.match(r"(\d+) (.*)", part))
            ]
    return found


def test_every_column_of_operations_has_the_public_name_and_type() -> None:
    public = msgspec.json.decode(read_schema("fno.json"), type=_DataEntities)
    found = Differences()
    for item in OPERATIONS_COLUMNS:
        if item.entity_set not in public.entities:
            found.sets.add(item.entity_set)
            continue
        kind = public.entities[item.entity_set].properties.get(item.name)
        if kind is None:
            found.columns.add(str(item))
        elif item.type.replace("Edm.", "") != kind.rstrip("!").removeprefix("enum "):
            found.types.append(f"{item} is {item.type}, public {kind}")
    assert found == Differences({"RecurringDataJobs", "SystemUsers", "SysAADClients"}, set(OUR_COLUMNS))


def test_every_key_and_navigation_property_of_operations_is_public() -> None:
    public = msgspec.json.decode(read_schema("fno.json"), type=_DataEntities).entities
    for entity in OPERATIONS.entities:
        if entity.set_name not in public:
            continue
        known = public[entity.set_name]
        assert set(entity.key) == set(known.keys), entity.set_name
        ours = {relation.name: "many" if relation.many else "one" for relation in entity.relations}
        assert ours.items() <= known.navigation.items(), entity.set_name


def test_every_enum_of_operations_has_the_public_members() -> None:
    public = msgspec.json.decode(read_schema("fno.json"), type=_DataEntities).enums
    schema = ElementTree.fromstring(csdl(OPERATIONS, FNO, "Resources"))
    ours = {
        enum.get("Name", ""): sorted(member.get("Name", "") for member in enum.iter(f"{_EDM}Member"))
        for enum in schema.iter(f"{_EDM}EnumType")
    }
    used = {item.type for item in OPERATIONS_COLUMNS if item.entity_set not in OUR_SETS}
    assert {name: ours[name] for name in used & set(ours)} == {name: sorted(public[name]) for name in used & set(ours)}


def test_everything_is_looked_at() -> None:
    """Every entity set of the models is described, with every property."""
    for model, columns in ((SALES, SALES_COLUMNS), (OPERATIONS, OPERATIONS_COLUMNS)):
        assert {item.entity_set for item in columns} == set(model.entity_set)
        assert len(columns) == sum(len(entity.properties) for entity in model.entities)


@pytest.mark.parametrize("name", sorted(OUR_SETS | OUR_COLUMNS))
def test_what_is_ours_alone_is_among_the_deviations(name: str) -> None:
    assert f"`{name}`" in DEVIATIONS.read_text("utf-8")
