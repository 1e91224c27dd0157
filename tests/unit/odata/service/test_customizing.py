"""Definitions of columns and names, as clients send them, before they meet a database."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.edm.customization import CustomColumn
from p2c.edm.property import Required
from p2c.odata.service.dataverse.customizing.bodies import ColumnBody, read_body
from p2c.odata.service.dataverse.customizing.columns import options_body, read_column
from p2c.odata.service.dataverse.customizing.names import checked_name, collection_name
from p2c.odata.service.faults import RequestError

CRM = "Microsoft.Dynamics.CRM."


def read(kind: str, **members: Any) -> CustomColumn:
    """The column that a request defines."""
    body = {"@odata.type": f"{CRM}{kind}AttributeMetadata", "SchemaName": "new_Column", **members}
    return read_column("account", read_body(msgspec.json.encode(body), ColumnBody))


@pytest.mark.parametrize("prefix", ["", "#"])
@pytest.mark.parametrize("word", ["", "Complex"])
def test_types_are_known_in_all_their_spellings(prefix: str, word: str) -> None:
    body = {"@odata.type": f"{prefix}{CRM}{word}MemoAttributeMetadata", "SchemaName": "new_Note"}
    assert read_column("account", read_body(msgspec.json.encode(body), ColumnBody)).kind == "Memo"


def test_what_is_not_said_has_the_platforms_default() -> None:
    text, number, answer = read("String"), read("Decimal"), read("Boolean")
    assert (text.max_length, text.format, text.required, text.label) == (100, "Text", Required.NONE, "new_Column")
    assert (number.scale, number.minimum, number.maximum) == (2, Decimal(-(10**11)), Decimal(10**11))
    assert ([option.label for option in answer.options], answer.default) == (["No", "Yes"], 0)


def test_options_without_values_are_numbered_from_one_hundred_million() -> None:
    labels = [{"Label": {"LocalizedLabels": [{"Label": word, "LanguageCode": 1033}]}} for word in ("Cold", "Warm")]
    options = read("Picklist", OptionSet={"Options": labels}).options
    assert [(option.value, option.label) for option in options] == [(100_000_000, "Cold"), (100_000_001, "Warm")]


def test_a_label_is_taken_in_english_where_there_is_one() -> None:
    labels = [{"Label": "Oblast", "LanguageCode": 1029}, {"Label": "Region", "LanguageCode": 1033}]
    assert read("String", DisplayName={"LocalizedLabels": labels}).label == "Region"
    assert read("String", DisplayName={"LocalizedLabels": labels[:1]}).label == "Oblast"


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        ("String", {"MaxLength": 0}),
        ("String", {"FormatName": {"Value": "Song"}}),
        ("String", {"RequiredLevel": {"Value": "SystemRequired"}}),
        ("Memo", {"MaxLength": 1_048_577}),
        ("Integer", {"MaxValue": 2**31}),
        ("Decimal", {"MinValue": "NaN"}),
        ("Money", {"Precision": 5}),
        ("DateTime", {"DateTimeBehavior": {"Value": "Sometimes"}}),
        ("Picklist", {"OptionSet": {"Options": [{"Value": 1}]}}),
        ("Picklist", {"GlobalOptionSet@odata.bind": "/GlobalOptionSetDefinitions(Name='x')"}),
        ("String", {"DisplayName": {"LocalizedLabels": [{"Label": "x" * 101}]}}),
        ("File", {}),
    ],
)
def test_what_no_column_can_be_is_refused(kind: str, members: dict[str, Any]) -> None:
    with pytest.raises(RequestError) as refused:
        read(kind, **members)
    assert refused.value.status == 400
    assert "new_Column" in refused.value.message


@pytest.mark.parametrize("kind", ["Boolean", "Picklist"])
def test_options_that_are_kept_read_as_they_were(kind: str) -> None:
    labels = [{"Value": 7, "Label": {"LocalizedLabels": [{"Label": "Seven", "LanguageCode": 1029}]}}]
    column = read(kind, OptionSet={"Options": labels})
    again = ColumnBody(attribute_type=kind, schema_name="new_Column", option_set=options_body(column))
    assert read_column("account", again).options == column.options


@given(st.text(max_size=60))
def test_a_name_that_passes_is_one_for_the_database_too(name: str) -> None:
    try:
        checked_name(name, "column")
    except RequestError:
        return
    assert name.isascii()
    assert name.replace("_", "").isalnum()
    assert len(name) <= 50


@given(st.binary(max_size=200))
def test_a_body_of_any_bytes_is_read_or_refused(body: bytes) -> None:
    try:
        read_body(body, ColumnBody)
    except RequestError as refused:
        assert refused.status == 400


@pytest.mark.parametrize(
    ("name", "plural"),
    [("new_region", "new_regions"), ("new_city", "new_cities"), ("new_day", "new_days"), ("new_box", "new_boxes")],
)
def test_sets_are_called_by_the_plural(name: str, plural: str) -> None:
    assert collection_name(name) == plural
