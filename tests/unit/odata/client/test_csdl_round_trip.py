"""What a service says about itself in `$metadata` is what a client learns from it."""

from __future__ import annotations

import pytest

from p2c.commondata.model import MODEL as COMMON_DATA
from p2c.edm.entity import Entity, Model
from p2c.errors import StopError
from p2c.odata.client.metadata import parse_csdl
from p2c.odata.service.csdl import csdl
from p2c.odata.service.dialect import DATAVERSE, FNO, ReadStyle
from p2c.operations.model import MODEL as OPERATIONS
from p2c.sales.model import MODEL as SALES

MODELS = [(SALES, DATAVERSE), (COMMON_DATA, DATAVERSE), (OPERATIONS, FNO)]


def visible(entity: Entity, style: ReadStyle) -> dict[str, object]:
    """What a client can see of the properties; of an owner, whose one navigation has two targets, the last."""
    return {
        item.name: (item.type, item.max_length, dict(zip(item.navigations, item.targets, strict=True)))
        for item in entity.properties
        if style.lookups or not item.is_lookup
    }


@pytest.mark.parametrize(("model", "style"), MODELS, ids=["sales", "commondata", "operations"])
def test_entities_keys_types_and_lookups_are_learnt(model: Model, style: ReadStyle) -> None:
    learnt = parse_csdl(csdl(model, style, "System").encode(), model.name)
    assert learnt.namespace == model.namespace
    assert set(learnt.entity_set) == set(model.entity_set)
    for entity in model.entities:
        found = learnt.entity[entity.name]
        assert (found.set_name, found.key, found.writable) == (entity.set_name, entity.key, entity.writable)
        assert visible(found, style) == visible(entity, style), entity.name
        alternate = [key.properties for key in entity.alternate_keys]
        assert [key.properties for key in found.alternate_keys] == alternate
        for item in found.properties:
            if item.choices is not None:
                own = entity.property[item.name].choices
                assert own is not None
                assert item.choices.names == own.names


def test_a_field_that_is_tied_to_another_entity_is_no_lookup() -> None:
    """Finance and Operations says of ordinary fields which other entity has the same values."""
    learnt = parse_csdl(csdl(OPERATIONS, FNO, "Resources").encode(), "operations")
    line = learnt.entity_set["CDSSalesQuotationLines"]
    assert line.lookups == ()
    assert {"dataAreaId", "SalesQuotationNumber"} <= line.property.keys()


@pytest.mark.parametrize("body", [b"", b"<html>", b"<html></html>", b'{"error": {}}'])
def test_what_is_no_csdl_stops_and_names_the_environment(body: bytes) -> None:
    with pytest.raises(StopError, match="sales: "):
        parse_csdl(body, "sales")
