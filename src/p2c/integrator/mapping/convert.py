"""The last step of every field map: the value becomes what the destination field holds, or is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias
from uuid import UUID

from p2c.edm.property import Property, Required
from p2c.edm.values import INT32_RANGE, INT64_RANGE, EdmType, Value
from p2c.errors import nearest
from p2c.integrator.mapping.codes import CHOICE_CODES, Refused, RejectCode
from p2c.text import _

Converter: TypeAlias = Callable[[Value], Value]

_INTEGERS = (EdmType.INT32, EdmType.INT64)
_NUMBERS = (*_INTEGERS, EdmType.DECIMAL, EdmType.DOUBLE)
_TEXTS = (EdmType.STRING, EdmType.ENUM)
_INSTANCES: dict[EdmType, type] = {
    EdmType.BOOLEAN: bool,
    EdmType.DATE: date,
    EdmType.DATETIME: datetime,
    EdmType.GUID: UUID,
}
_WORDS = {
    EdmType.STRING: "text",
    EdmType.BOOLEAN: "boolean",
    EdmType.DATE: "calendar day",
    EdmType.DATETIME: "point in time",
    EdmType.GUID: "GUID",
    EdmType.ENUM: "member of a list",
}


def fits(source: EdmType, destination: EdmType) -> bool:
    """Whether a value of one type goes into a field of the other without a transform.

    Numbers go into numbers (decimals lose their fraction in whole numbers), texts and list members into
    each other.
    """
    if source is destination:
        return True
    return any(source in group and destination in group for group in (_NUMBERS, _TEXTS))


def type_word(type: EdmType) -> str:
    """The type in a reader's words."""
    return _WORDS.get(type, "number")


def is_trusted(source: Property, destination: Property) -> bool:
    """Whether every value of the source field can be copied as it is, so that rows need no check."""
    if source.type is not destination.type or destination.required.mandatory:
        return False
    if source.type is EdmType.STRING:
        return _at_most(source.max_length, destination.max_length)
    if source.type is EdmType.DECIMAL:
        return _at_most(source.scale, destination.scale)
    if destination.choices is None or source.type is EdmType.BOOLEAN:
        return True
    ours = source.choices
    return ours is not None and {member.name for member in ours.members} <= set(destination.choices.names)


def key_property(property: Property) -> Property:
    """The property as a search value: a text that is too long, or unknown, is simply not found."""
    return replace(property, max_length=None, choices=None, required=Required.NONE, read_only=False)


@dataclass(frozen=True, slots=True)
class Passing:
    """
    A cheap test for values that the converter of a field gives back as they are, and that are not blank.

    `test` is an expression over VALUE, which is not None, and over `names` in braces. It may miss such values; then
    the converter is asked.
    """

    test: str
    names: Mapping[str, object] = field(default_factory=dict)


VALUE = "v"


def passing(destination: Property) -> Passing | None:
    """The test for values that need no conversion to the destination; None where there is none that is cheap."""
    kind, choices = destination.type, destination.choices
    if kind is EdmType.STRING:
        most = destination.max_length
        return Passing(f"{VALUE}.__class__ is str and 0 < len({VALUE})" + ("" if most is None else f" <= {most}"))
    if kind is EdmType.ENUM:
        return None if choices is None else Passing(f"{VALUE} in {{known}}", {"known": frozenset(choices.names) - {""}})
    if kind in _INTEGERS:
        least, most = _range(kind)
        test = f"{VALUE}.__class__ is int and {least} <= {VALUE} <= {most}"
        if choices is None:
            return Passing(test)
        return Passing(f"{test} and {VALUE} in {{known}}", {"known": frozenset(choices.by_value)})
    if kind in _INSTANCES:
        return Passing(f"{VALUE}.__class__ is {{wanted}}", {"wanted": _INSTANCES[kind]})
    return None


def converter(destination: Property) -> Converter:
    """A function that makes a value fit the destination; None passes. It raises Refused."""
    kind = destination.type
    if kind is EdmType.STRING:
        return _text(destination.max_length)
    if kind is EdmType.ENUM:
        return _member(destination)
    if kind in _INTEGERS:
        return _whole(destination)
    if kind is EdmType.DECIMAL:
        return _decimal(destination.scale)
    if kind is EdmType.DOUBLE:
        return _double
    return _instance(kind)


def _text(max_length: int | None) -> Converter:
    def convert(value: Value) -> Value:
        if isinstance(value, str):
            if max_length is None or len(value) <= max_length:
                return value
            message = _("the text has {length} characters, the destination takes {most}")
            raise Refused(RejectCode.TEXT_TOO_LONG, message.format(length=len(value), most=max_length), value)
        return None if value is None else _refuse(value, EdmType.STRING)

    return convert


def _member(destination: Property) -> Converter:
    choices = destination.choices
    if choices is None:
        return _text(None)
    names = frozenset(choices.names)
    code = CHOICE_CODES.get(choices.name, RejectCode.BAD_CHOICE)

    def convert(value: Value) -> Value:
        if value is None or value in names:
            return value
        # Clients of both services write an empty picklist as empty text.
        if value == "":
            return None
        message = _("{value!r} is not one of the values of {list}; {hint}")
        raise Refused(code, message.format(value=value, list=choices.name, hint=nearest(str(value), names)), value)

    return convert


def _whole(destination: Property) -> Converter:
    least, most = _range(destination.type)
    choices = destination.choices
    numbers = None if choices is None else frozenset(choices.by_value)

    def convert(value: Value) -> Value:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return _refuse(value, destination.type)
        whole = int(value)
        if not least <= whole <= most:
            message = _("{value} is outside {least} to {most}")
            raise Refused(RejectCode.WRONG_TYPE, message.format(value=whole, least=least, most=most), value)
        if numbers is not None and whole not in numbers and choices is not None:
            known = ", ".join(f"{member.value} {member.label}" for member in choices.members[:12])
            message = _("{value} is not one of the values of {list}: {known}")
            text = message.format(value=whole, list=choices.name, known=known)
            raise Refused(CHOICE_CODES.get(choices.name, RejectCode.BAD_CHOICE), text, value)
        return whole

    return convert


def _range(kind: EdmType) -> tuple[int, int]:
    return INT32_RANGE if kind is EdmType.INT32 else INT64_RANGE


def _decimal(scale: int | None) -> Converter:
    step = None if scale is None else Decimal(1).scaleb(-scale)

    def convert(value: Value) -> Value:
        if isinstance(value, bool):
            return _refuse(value, EdmType.DECIMAL)
        if isinstance(value, int | float):
            value = Decimal(str(value))
        if isinstance(value, Decimal):
            exponent = value.as_tuple().exponent
            if step is None or not isinstance(exponent, int) or exponent >= -(scale or 0):
                return value
            return value.quantize(step, ROUND_HALF_UP)
        return None if value is None else _refuse(value, EdmType.DECIMAL)

    return convert


def _double(value: Value) -> Value:
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return float(value)
    return None if value is None else _refuse(value, EdmType.DOUBLE)


def _instance(kind: EdmType) -> Converter:
    wanted = _INSTANCES[kind]

    def convert(value: Value) -> Value:
        # A datetime is a date to Python but not to OData.
        if value is None or type(value) is wanted:
            return value
        return _refuse(value, kind)

    return convert


def _refuse(value: Value, wanted: EdmType) -> Value:
    message = _("{value!r} is not a {kind}")
    raise Refused(RejectCode.WRONG_TYPE, message.format(value=value, kind=type_word(wanted)), value)


def _at_most(source: int | None, destination: int | None) -> bool:
    return destination is None or (source is not None and source <= destination)
