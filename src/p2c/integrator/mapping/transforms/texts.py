"""Transforms of text: truncate, split, and joining several sources."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.edm.property import Property
from p2c.edm.values import EdmType, Value
from p2c.integrator.mapping.codes import is_blank
from p2c.integrator.mapping.transforms.declare import (
    Arguments,
    Join,
    Parameter,
    Step,
    Transform,
    always,
    text_of,
    unchanged,
)
from p2c.text import N_


def truncate(value: Value, length: int) -> Value:
    """The first `length` characters; blanks stay blank."""
    return None if value is None else text_of(value)[:length]


def split(value: Value, separator: str, part: int) -> Value:
    """The part with this number, from 1, without blanks around it; None when there are fewer parts."""
    parts = text_of(value).split(separator)
    return parts[part - 1].strip() or None if part <= len(parts) else None


def concatenate(values: Sequence[Value], separator: str) -> Value:
    """The values that are not blank, in order, with the separator between them; None when all are blank."""
    return separator.join(text_of(value) for value in values if not is_blank(value)) or None


def first(values: Sequence[Value]) -> Value:
    """The first value that is not blank."""
    return next((value for value in values if not is_blank(value)), None)


def _truncate_step(arguments: Arguments, destination: Property | None) -> Step:
    length = arguments.get("length")
    if length is None and destination is not None:
        length = destination.max_length
    if not isinstance(length, int):
        return lambda value: value
    longest = length

    def step(value: Value) -> Value:
        if isinstance(value, str):
            return value if len(value) <= longest else value[:longest]
        return truncate(value, longest)

    return step


def _split_step(arguments: Arguments, destination: Property | None) -> Step:
    separator, part = str(arguments["separator"]), arguments["part"]
    number = part if isinstance(part, int) else 1
    return lambda value: split(value, separator, number)


def _concatenate_join(arguments: Arguments, destination: Property | None) -> Join:
    separator = str(arguments.get("separator", " "))
    return lambda values: concatenate(values, separator)


def _first_join(arguments: Arguments, destination: Property | None) -> Join:
    return first


TRANSFORMS = (
    Transform(
        name="truncate",
        summary=N_("Cuts text to a length; without one, to the length of the destination field."),
        example="truncate: 20",
        parameters=(Parameter("length", N_("longest text, in characters"), int, least=1),),
        main="length",
        gives=always(EdmType.STRING),
        step=_truncate_step,
    ),
    Transform(
        name="split",
        summary=N_("Takes one part of a text, counted from 1; blank when there are fewer parts."),
        example='split: {separator: ",", part: 2}',
        parameters=(
            Parameter("separator", N_("what stands between the parts"), required=True),
            Parameter("part", N_("number of the part, from 1"), int, required=True, least=1),
        ),
        gives=always(EdmType.STRING),
        step=_split_step,
    ),
    Transform(
        name="concatenate",
        summary=N_("Joins several sources with a separator (a space unless given); blank ones are skipped."),
        example='concatenate: ", "',
        parameters=(Parameter("separator", N_("what to put between the values")),),
        main="separator",
        gives=always(EdmType.STRING),
        join=_concatenate_join,
    ),
    Transform(
        name="first",
        summary=N_("Takes the first of several sources that is not blank."),
        example="first",
        gives=unchanged,
        join=_first_join,
    ),
)
