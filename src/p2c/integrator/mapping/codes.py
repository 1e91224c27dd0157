"""Why rows are rejected: the documented list of codes, each with its meaning and the way out."""

from __future__ import annotations

from enum import Enum

from p2c.edm.values import Value
from p2c.text import N_


class RejectCode(Enum):
    """Why one row stays behind while the others go on; the value is what people and programs see."""

    meaning: str
    way_out: str

    def __new__(cls, code: str, meaning: str, way_out: str) -> RejectCode:
        member = object.__new__(cls)
        member._value_ = code
        member.meaning = meaning
        member.way_out = way_out
        return member

    REQUIRED_MISSING = (
        "REQUIRED-MISSING",
        N_("The destination needs a value that the source row does not have."),
        N_("fill the field in the source, or give the field map a default"),
    )
    KEY_MISSING = (
        "KEY-MISSING",
        N_("A field of the integration key is blank, so the row cannot be recognised at the destination."),
        N_("fill the key field in the source"),
    )
    DUPLICATE_KEY = (
        "DUPLICATE-KEY",
        N_("Two source rows map to the same destination row."),
        N_("give one of the rows another number, or keep it out with a condition"),
    )
    TEXT_TOO_LONG = (
        "TEXT-TOO-LONG",
        N_("The text is longer than the destination field."),
        N_("shorten the text in the source, or add the transform truncate to the field map"),
    )
    WRONG_TYPE = (
        "WRONG-TYPE",
        N_("The value has another type than the destination field, or is outside its range."),
        N_("correct the value in the source, or add the transform number, boolean or date to the field map"),
    )
    BAD_CHOICE = (
        "BAD-CHOICE",
        N_("The destination field has a fixed list of values and this is not one of them."),
        N_("choose another value in the source, or add the transform value_map to the field map"),
    )
    VALUE_NOT_MAPPED = (
        "VALUE-NOT-MAPPED",
        N_("The value map has no entry for this value."),
        N_("add the value to the value map, or an entry other for everything else"),
    )
    COUNTRY_UNKNOWN = (
        "COUNTRY-UNKNOWN",
        N_("No country of ISO 3166 has this name or code."),
        N_("correct the country in the source; names, two-letter and three-letter codes are understood"),
    )
    UNIT_UNKNOWN = (
        "UNIT-UNKNOWN",
        N_("The unit is not known, or the destination has no unit of this name."),
        N_("correct the unit, create it at the destination, or map it with the transform value_map"),
    )
    CURRENCY_UNKNOWN = (
        "CURRENCY-UNKNOWN",
        N_("The destination does not know the currency."),
        N_("correct the currency in the source, or create it at the destination"),
    )
    LOOKUP_NOT_FOUND = (
        "LOOKUP-NOT-FOUND",
        N_("The row that a lookup names does not exist at the destination."),
        N_("bring the other row over first, or correct the reference in the source"),
    )
    COMPANY_NOT_MAPPED = (
        "COMPANY-NOT-MAPPED",
        N_("The row belongs to a company that the organization mapping does not name."),
        N_("add the company to the organization mapping of the connection set"),
    )
    BOTH_CHANGED = (
        "BOTH-CHANGED",
        N_("Both sides have changed the same field since the last run, and the task asks which value stays."),
        N_("`p2c rejected retry NO --winner source`, or `destination`"),
    )
    PLAN_OUTDATED = (
        "PLAN-OUTDATED",
        N_("The run carries out a plan, and the row has changed since on one of the two sides."),
        N_("plan again, or run without a plan"),
    )
    DESTINATION_REFUSED = (
        "DESTINATION-REFUSED",
        N_("The destination refused the row by a rule of its own; the reason is its answer."),
        N_("do what the destination's message says, in the source or at the destination"),
    )


LOOKUP_CODES = {
    "transactioncurrency": RejectCode.CURRENCY_UNKNOWN,
    "uom": RejectCode.UNIT_UNKNOWN,
    "uomschedule": RejectCode.UNIT_UNKNOWN,
}
"""Codes for a missing row of these entities; for all others it is LOOKUP-NOT-FOUND."""

CHOICE_CODES = {
    "CurrencyCode": RejectCode.CURRENCY_UNKNOWN,
    "UnitOfMeasure": RejectCode.UNIT_UNKNOWN,
}
"""Codes for a value that is not in these choice sets; for all others it is BAD-CHOICE."""


class Refused(Exception):
    """One value cannot be mapped; the leg adds the field and rejects the row.

    `way_out` replaces the code's own.
    """

    def __init__(self, code: RejectCode, what: str, value: Value, way_out: str = "") -> None:
        self.code = code
        self.what = what
        self.value = value
        self.way_out = way_out or code.way_out
        super().__init__(what)


def is_blank(value: Value) -> bool:
    """Whether there is no value: null or empty text."""
    return value is None or value == ""
