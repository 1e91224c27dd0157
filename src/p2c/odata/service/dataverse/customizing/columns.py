"""Reads the definition of a column and checks it by its type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from p2c.edm.customization import CustomColumn, Option
from p2c.edm.entity import Model
from p2c.edm.property import Required
from p2c.edm.values import INT32_RANGE, LARGEST_DECIMAL
from p2c.errors import nearest
from p2c.odata.service.dataverse.customizing.bodies import (
    ColumnBody,
    Label,
    LocalizedLabel,
    OptionBody,
    OptionSetBody,
    text_of,
)
from p2c.odata.service.dataverse.customizing.names import (
    MAX_DESCRIPTION,
    MAX_LABEL,
    checked_name,
    checked_text,
)
from p2c.odata.service.dataverse.customizing.refusals import UNSUPPORTED, bad

MAX_COLUMNS = 1000
MAX_STRING = 4000
MAX_MEMO = 1_048_576
MAX_OPTIONS = 1000
MAX_DECIMAL_SCALE = 10
MAX_DOUBLE_SCALE = 5
MAX_MONEY_SCALE = 4
FIRST_OPTION = 100_000_000
DECIMAL_LIMIT = Decimal(100_000_000_000)
CURRENCIES = "transactioncurrency"
_DEFAULT_STRING = 100
_DEFAULT_MEMO = 2000
_TEXT_FORMATS = ("Text", "TextArea", "Email", "Url", "Phone", "TickerSymbol", "VersionNumber", "Json", "RichText")
_BEHAVIORS = ("UserLocal", "DateOnly", "TimeZoneIndependent")
_LEVELS = (Required.NONE, Required.RECOMMENDED, Required.BUSINESS)

Facets: TypeAlias = "dict[str, Any]"
"""Members of a CustomColumn that only some types have."""


def read_column(table: str, body: ColumnBody) -> CustomColumn:
    """
    The column that a body defines.

    Raises:
        RequestError: Its name, type or one of its bounds is not allowed.
    """
    name = checked_name(body.schema_name, "column")
    facets = _FACETS.get(body.kind)
    if facets is None:
        hint = "lookups come with their relationship" if body.kind == "Lookup" else f"known: {', '.join(_FACETS)}"
        raise bad(f"column '{name}': type '{body.kind or body.odata_type}' is not offered; {hint}", UNSUPPORTED)
    return CustomColumn(table=table, schema_name=name, kind=body.kind, **_common(name, body), **facets(name, body))


def read_lookup(table: str, body: ColumnBody, **relation: Any) -> CustomColumn:
    """
    The lookup that comes with a relationship; `relation` is what it points at and how.

    Raises:
        RequestError: Its name or its requirement level is not allowed.
    """
    name = checked_name(body.schema_name, "column")
    return CustomColumn(table=table, schema_name=name, kind="Lookup", **_common(name, body), **relation)


def check_currency(model: Model, column: CustomColumn) -> None:
    """
    Refuse an amount where there are no currencies.

    Raises:
        RequestError: It is one.
    """
    if column.kind == "Money" and CURRENCIES not in model.entity:
        message = f"column '{column.schema_name}': this environment keeps no currencies; make it a Decimal"
        raise bad(message, UNSUPPORTED)


def options_body(column: CustomColumn) -> OptionSetBody:
    """The options of a column as a client would send them, for definitions that come without."""
    options = [OptionBody(option.value, Label([LocalizedLabel(option.label)])) for option in column.options]
    if column.kind == "Boolean":
        return OptionSetBody(false_option=options[0], true_option=options[1])
    return OptionSetBody(options=options)


def _common(name: str, body: ColumnBody) -> Facets:
    level = body.required_level.value if body.required_level is not None else None
    known = {required.value: required for required in _LEVELS}
    if level is not None and level not in known:
        raise bad(f"column '{name}': RequiredLevel '{level}' is none of {', '.join(known)}")
    return {
        "label": checked_text(text_of(body.display_name, name), MAX_LABEL, f"the label of '{name}'"),
        "description": checked_text(text_of(body.description), MAX_DESCRIPTION, f"the description of '{name}'"),
        "required": known[level or Required.NONE.value],
    }


def _string(name: str, body: ColumnBody) -> Facets:
    return {"max_length": _length(name, body, _DEFAULT_STRING, MAX_STRING), "format": _text_format(name, body, "Text")}


def _memo(name: str, body: ColumnBody) -> Facets:
    return {"max_length": _length(name, body, _DEFAULT_MEMO, MAX_MEMO), "format": _text_format(name, body, "TextArea")}


def _length(name: str, body: ColumnBody, default: int, largest: int) -> int:
    length = body.max_length if body.max_length is not None else default
    if not 1 <= length <= largest:
        raise bad(f"column '{name}': MaxLength {length} is not between 1 and {largest}")
    return length


def _text_format(name: str, body: ColumnBody, default: str) -> str:
    given = body.format_name.value if body.format_name is not None else body.format
    if given is not None and given not in _TEXT_FORMATS:
        raise bad(f"column '{name}': there is no format '{given}'; {nearest(given, _TEXT_FORMATS)}")
    return given or default


def _integer(name: str, body: ColumnBody) -> Facets:
    low, high = INT32_RANGE
    return {**_bounds(name, body, Decimal(low), Decimal(high)), "format": body.format or "None"}


def _big_integer(name: str, body: ColumnBody) -> Facets:
    return {}


def _decimal(name: str, body: ColumnBody) -> Facets:
    bounds = _bounds(name, body, -DECIMAL_LIMIT, DECIMAL_LIMIT)
    return {**bounds, "scale": _scale(name, body, 2, MAX_DECIMAL_SCALE)}


def _double(name: str, body: ColumnBody) -> Facets:
    bounds = _bounds(name, body, -DECIMAL_LIMIT, DECIMAL_LIMIT)
    return {**bounds, "scale": _scale(name, body, MAX_DOUBLE_SCALE, MAX_DOUBLE_SCALE)}


def _money(name: str, body: ColumnBody) -> Facets:
    bounds = _bounds(name, body, -LARGEST_DECIMAL, LARGEST_DECIMAL)
    return {**bounds, "scale": _scale(name, body, MAX_MONEY_SCALE, MAX_MONEY_SCALE)}


def _scale(name: str, body: ColumnBody, default: int, largest: int) -> int:
    scale = body.precision if body.precision is not None else default
    if not 0 <= scale <= largest:
        raise bad(f"column '{name}': Precision {scale} is not between 0 and {largest}")
    return scale


def _bounds(name: str, body: ColumnBody, low: Decimal, high: Decimal) -> Facets:
    minimum = body.min_value if body.min_value is not None else low
    maximum = body.max_value if body.max_value is not None else high
    if not (minimum.is_finite() and maximum.is_finite() and low <= minimum <= maximum <= high):
        raise bad(f"column '{name}': MinValue and MaxValue must be in order and between {low:f} and {high:f}")
    return {"minimum": minimum, "maximum": maximum}


def _date_time(name: str, body: ColumnBody) -> Facets:
    behavior = (body.date_time_behavior.value if body.date_time_behavior is not None else None) or "UserLocal"
    form = body.format or ("DateOnly" if behavior == "DateOnly" else "DateAndTime")
    if behavior not in _BEHAVIORS or form not in ("DateOnly", "DateAndTime"):
        known = ", ".join(_BEHAVIORS)
        raise bad(f"column '{name}': Format is DateOnly or DateAndTime, DateTimeBehavior one of {known}")
    return {"format": form, "behavior": behavior}


def _boolean(name: str, body: ColumnBody) -> Facets:
    answers = body.option_set
    false = _option(name, answers.false_option if answers is not None else None, 0, "No")
    true = _option(name, answers.true_option if answers is not None else None, 1, "Yes")
    return {"options": (false, true), "default": int(bool(body.default_value))}


def _picklist(name: str, body: ColumnBody) -> Facets:
    if body.global_option_set is not None or (body.option_set is not None and body.option_set.is_global):
        raise bad(f"column '{name}': shared choices cannot be used yet; give it options of its own", UNSUPPORTED)
    given = body.option_set.options if body.option_set is not None else []
    if not 1 <= len(given) <= MAX_OPTIONS:
        raise bad(f"column '{name}': a choice has 1 to {MAX_OPTIONS} options, not {len(given)}")
    free = iter(range(FIRST_OPTION, FIRST_OPTION + MAX_OPTIONS))
    options = tuple(_option(name, option, next(free), "") for option in given)
    values = [option.value for option in options]
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        raise bad(f"column '{name}': option {twice[0]} stands twice; give each a value of its own")
    default = body.default_form_value if body.default_form_value not in (None, -1) else None
    if default is not None and default not in values:
        raise bad(f"column '{name}': the default {default} is none of its options")
    return {"options": options, "default": default}


def _option(name: str, body: OptionBody | None, value: int, label: str) -> Option:
    """An option; without a value it gets the one that stands at its place."""
    text = text_of(body.label if body is not None else None, label)
    given = body.value if body is not None and body.value is not None else value
    low, high = INT32_RANGE
    if not text or not low <= given <= high:
        raise bad(f"column '{name}': an option needs a label, and a value of 32 bits")
    return Option(given, checked_text(text, MAX_LABEL, f"an option of '{name}'"))


_FACETS: Mapping[str, Callable[[str, ColumnBody], Facets]] = {
    "String": _string,
    "Memo": _memo,
    "Integer": _integer,
    "BigInt": _big_integer,
    "Decimal": _decimal,
    "Double": _double,
    "Money": _money,
    "DateTime": _date_time,
    "Boolean": _boolean,
    "Picklist": _picklist,
}
