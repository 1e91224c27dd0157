"""Reads the text of a CSV cell as a value of a property's type."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

from p2c.edm.property import Property
from p2c.edm.values import EdmType, Value
from p2c.integrator.mapping.codes import Refused, RejectCode
from p2c.integrator.mapping.convert import converter, type_word
from p2c.text import _

_MOST_DIGITS = 30
"""More than any field holds; "1e999999" must not become a number of a million digits."""
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def text_reader(item: Property) -> Callable[[str], Value]:
    """
    A function from a cell's text to a value that fits the property; empty text is no value.

    Numbers have a decimal point and no thousands separators, dates are ISO 8601 (a time without a zone is UTC),
    booleans are true/false, yes/no or 1/0. It raises Refused.
    """
    parse = _PARSERS.get(item.type, str)
    fit = converter(item)

    def read(text: str) -> Value:
        if text == "":
            return None
        try:
            value = parse(text if item.type is EdmType.STRING else text.strip())
        except (ValueError, KeyError, InvalidOperation):
            message = _("{text!r} is no {kind}").format(text=text, kind=type_word(item.type))
            raise Refused(RejectCode.WRONG_TYPE, message, text) from None
        return fit(value)

    return read


def _boolean(text: str) -> bool:
    return _BOOLEANS[text.lower()]


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite() or number.adjusted() >= _MOST_DIGITS:
        raise ValueError(text)
    return number


def _whole(text: str) -> int:
    number = _decimal(text)
    if number != number.to_integral_value():
        raise ValueError(text)
    return int(number)


def _day(text: str) -> date:
    moment = datetime.fromisoformat(text)
    if moment.time() != moment.time().min:
        raise ValueError(text)
    return moment.date()


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


_PARSERS: dict[EdmType, Callable[[str], Value]] = {
    EdmType.BOOLEAN: _boolean,
    EdmType.INT32: _whole,
    EdmType.INT64: _whole,
    EdmType.DECIMAL: _decimal,
    EdmType.DOUBLE: _decimal,
    EdmType.DATE: _day,
    EdmType.DATETIME: _instant,
    EdmType.GUID: UUID,
}
