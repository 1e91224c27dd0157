"""The generated function for a whole row against the rules of its fields, one by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.edm.declare import boolean, choice, day, decimal, enum, guid, instant, members, text, whole
from p2c.edm.property import Property
from p2c.edm.values import EdmType, Row, Value
from p2c.errors import RejectedRowError
from p2c.integrator.mapping.convert import VALUE, converter, passing
from p2c.integrator.mapping.fields import Needs, compile_field
from p2c.integrator.mapping.row_function import Computed, Constant, Copied, Part, row_function
from p2c.integrator.mapping.template import FieldMap, SourceField

PROPERTIES = (
    text("Name", 5, "Name"),
    Property(name="Note", type=EdmType.STRING),
    whole("Count", "Count"),
    Property(name="Large", type=EdmType.INT64),
    decimal("Amount", "Amount", scale=2),
    Property(name="Rate", type=EdmType.DOUBLE),
    choice("statecode", "Status", {0: "Active", 1: "Inactive"}),
    enum("Flag", "Flag", members("NoYes", "No", "Yes")),
    Property(name="Free", type=EdmType.ENUM),
    boolean("On", "On"),
    day("Day", "Day"),
    instant("At", "At"),
    guid("Id", "Id"),
)
VALUES = (
    st.none()
    | st.sampled_from(["", "Yes", "No", "Maybe", "12345", "123456"])
    | st.text(max_size=8)
    | st.booleans()
    | st.integers(-2, 2)
    | st.integers(-(2**65), 2**65)
    | st.floats(-9, 9)
    | st.decimals(-9, 9, places=3)
    | st.dates()
    | st.datetimes(timezones=st.just(UTC))
    | st.uuids()
)
NEEDS = (Needs(), Needs(key=True), Needs(mandatory=True))


def outcome(work: Callable[[], object]) -> tuple[object, ...]:
    """What comes back with its type, or all that is told of a refusal."""
    try:
        found = work()
    except RejectedRowError as error:
        return error.code, error.field, error.what, error.value, error.way_out
    return (found, [type(value) for value in found.values()] if isinstance(found, dict) else type(found))


@pytest.mark.parametrize("destination", PROPERTIES, ids=lambda destination: destination.name)
@given(value=VALUES.filter(lambda value: value is not None))
def test_a_value_that_passes_the_cheap_test_is_not_blank_and_needs_no_conversion(
    destination: Property, value: Value
) -> None:
    cheap = passing(destination)
    if cheap is None:
        return
    test = cheap.test.format(**{name: name for name in cheap.names})
    if eval(test, {VALUE: value, **cheap.names}):
        assert value != ""
        assert converter(destination)(value) is value


@given(st.lists(st.tuples(st.sampled_from(PROPERTIES), VALUES, st.sampled_from(NEEDS)), max_size=20))
def test_a_row_is_what_the_rules_of_its_fields_make_one_by_one(fields: list[tuple[Property, Value, Needs]]) -> None:
    """Also the refusal is that of the first field that has one."""
    row: Row = {f"from{place}": value for place, (_, value, _) in enumerate(fields)}
    rules = {
        f"to{place}": (compile_field(FieldMap(f"to{place}", (SourceField(f"from{place}"),)), property, needs), property)
        for place, (property, _, needs) in enumerate(fields)
    }
    parts = {to: Computed(rule, to.replace("to", "from"), passing(property)) for to, (rule, property) in rules.items()}
    expected = outcome(lambda: {to: rule(row) for to, (rule, _) in rules.items()})
    assert outcome(lambda: row_function(parts)(row)) == expected


def test_copies_constants_and_rules_stand_side_by_side_whatever_they_are_called() -> None:
    def shout(row: object) -> Value:
        return "SHOUTED"

    parts: dict[str, Part] = {
        "it's {odd}": Copied("a\\'\"{b}"),
        "since": Constant(datetime(2020, 1, 1, tzinfo=UTC)),
        "shout": Computed(shout),
    }
    mapped = row_function(parts)({"a\\'\"{b}": "ž"})
    assert mapped == {"it's {odd}": "ž", "since": datetime(2020, 1, 1, tzinfo=UTC), "shout": "SHOUTED"}
    assert list(mapped) == list(parts)


def test_a_leg_without_fields_makes_empty_rows() -> None:
    assert row_function({})({"name": "Novák"}) == {}
