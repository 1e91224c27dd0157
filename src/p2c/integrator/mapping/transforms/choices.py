"""Transforms that choose: value_map, and default in the middle of a chain."""

from __future__ import annotations

from p2c.edm.property import Property
from p2c.edm.values import Value
from p2c.errors import nearest
from p2c.integrator.mapping.codes import Refused, RejectCode, is_blank
from p2c.integrator.mapping.literal import literal
from p2c.integrator.mapping.transforms.declare import (
    Arguments,
    Parameter,
    Step,
    Transform,
    text_of,
    unchanged,
)
from p2c.text import N_, _

OTHER = "other"
"""The entry for every value that has none of its own."""
BLANK = ""
"""The entry for a blank value; without it, blank stays blank."""


def _value_map_step(arguments: Arguments, destination: Property | None) -> Step:
    entries = {key.lower(): _result(value, destination) for key, value in arguments.items()}
    blank, rest = entries.get(BLANK), entries.get(OTHER)
    has_rest = OTHER in entries

    def step(value: Value) -> Value:
        if is_blank(value):
            return blank
        key = text_of(value).lower()
        if key in entries:
            return entries[key]
        if has_rest:
            return rest
        known = [entry for entry in entries if entry]
        raise Refused(
            RejectCode.VALUE_NOT_MAPPED,
            _("the value map has no entry for {value!r}; {hint}").format(value=value, hint=nearest(key, known)),
            value,
        )

    return step


def _default_step(arguments: Arguments, destination: Property | None) -> Step:
    value_if_blank = _result(arguments["value"], destination)
    return lambda value: value_if_blank if is_blank(value) else value


def _result(value: Value, destination: Property | None) -> Value:
    return value if destination is None else literal(value, destination)


TRANSFORMS = (
    Transform(
        name="value_map",
        summary=N_(
            'Replaces values by an own list, compared in lower case. The entry `""` is for blanks, `other` '
            "for values that have no entry; without `other` such a row is rejected."
        ),
        example='value_map: {1: Male, 2: Female, "": Unknown}',
        entries=True,
        step=_value_map_step,
    ),
    Transform(
        name="default",
        summary=N_("Fills a blank before the transforms that follow; for the last step write `default:` instead."),
        example="default: USA",
        parameters=(Parameter("value", N_("the value for blanks"), None, required=True),),
        main="value",
        gives=unchanged,
        step=_default_step,
    ),
)
