"""Field maps in words that people read."""

from __future__ import annotations

import pytest

from p2c.integrator.mapping.describe import described
from p2c.integrator.mapping.template import FieldMap, Scalar, SourceField, TransformCall

NAME, CREATED = SourceField("name"), SourceField("createdon")


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (FieldMap("To", (NAME,)), "name"),
        (FieldMap("To", default="Organization"), "always 'Organization'"),
        (FieldMap("To", default=True), "always true"),
        (FieldMap("To", (NAME,), default=0), "name, else 0"),
        (FieldMap("To", (NAME,), (TransformCall("truncate", (("length", 60),)),)), "name → truncate(length=60)"),
        (
            FieldMap("To", (NAME, CREATED), (TransformCall("first"), TransformCall("date", (("to", "date"),))), "x"),
            "name + createdon → first → date(to='date'), else 'x'",
        ),
        (FieldMap("To", (NAME,), (TransformCall("value_map", (("", "None"),)),)), "name → value_map(''='None')"),
    ],
)
def test_a_rule_is_told_from_its_sources_on(field: FieldMap, text: str) -> None:
    assert described(field) == text


def test_any_default_can_be_told() -> None:
    for value in ("", 0, False):
        given: Scalar = value
        assert described(FieldMap("To", default=given))
