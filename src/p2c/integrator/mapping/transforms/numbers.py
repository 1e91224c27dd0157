"""Transforms of numbers and of yes and no."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from p2c.edm.property import Property
from p2c.edm.values import EdmType, Value
from p2c.integrator.mapping.codes import Refused, RejectCode, is_blank
from p2c.integrator.mapping.literal import literal
from p2c.integrator.mapping.transforms.declare import Arguments, Parameter, Step, Transform, always, text_of
from p2c.text import N_, _

TRUE_WORDS = frozenset({"yes", "true", "1"})
FALSE_WORDS = frozenset({"no", "false", "0"})


def number(value: Value, decimals: int | None) -> Value:
    """The value as an exact number, rounded half up to `decimals` places; blanks stay blank."""
    if is_blank(value):
        return None
    exact = exact_number(value)
    return exact if decimals is None else exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def exact_number(value: Value) -> Decimal:
    """
    The value as a Decimal; text may have spaces around it and a decimal point.

    Raises:
        Refused: If it is not a finite number.
    """
    try:
        exact = value if isinstance(value, Decimal) else Decimal(text_of(value).strip())
    except InvalidOperation:
        exact = Decimal("NaN")
    if exact.is_finite():
        return exact
    raise Refused(
        RejectCode.WRONG_TYPE,
        _("{value!r} is not a number").format(value=value),
        value,
        _("write digits with a decimal point"),
    )


def boolean(value: Value) -> bool | None:
    """True for yes, true and 1, False for no, false and 0, in any case; blanks stay blank."""
    if isinstance(value, bool):
        return value
    if is_blank(value):
        return None
    word = text_of(value).strip().lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise Refused(
        RejectCode.WRONG_TYPE,
        _("{value!r} is neither yes nor no").format(value=value),
        value,
        _("write yes, no, true, false, 1 or 0"),
    )


def invert(value: Value) -> bool | None:
    """The opposite of a boolean, in any of its spellings; blanks stay blank."""
    known = boolean(value)
    return None if known is None else not known


def _number_step(arguments: Arguments, destination: Property | None) -> Step:
    decimals = arguments.get("decimals")
    places = decimals if isinstance(decimals, int) else None
    return lambda value: number(value, places)


def _boolean_step(arguments: Arguments, destination: Property | None) -> Step:
    if not arguments:
        return boolean
    words: dict[bool | None, Value] = {True: arguments.get("yes"), False: arguments.get("no"), None: None}
    if destination is not None:
        words = {answer: literal(word, destination) for answer, word in words.items()}
    return lambda value: words[boolean(value)]


def _invert_step(arguments: Arguments, destination: Property | None) -> Step:
    return invert


TRANSFORMS = (
    Transform(
        name="number",
        summary=N_("Makes an exact number of a text or number, rounded half up when `decimals` is given."),
        example="number: {decimals: 2}",
        parameters=(Parameter("decimals", N_("decimal places to keep"), int),),
        main="decimals",
        gives=always(EdmType.DECIMAL),
        step=_number_step,
    ),
    Transform(
        name="boolean",
        summary=N_("Makes yes or no of yes, no, true, false, 1 and 0; writes the words given, else true and false."),
        example='boolean: {yes: "Yes", no: "No"}',
        parameters=(
            Parameter("yes", N_("what to write for yes")),
            Parameter("no", N_("what to write for no")),
        ),
        gives=lambda arguments, incoming: EdmType.STRING if arguments else EdmType.BOOLEAN,
        step=_boolean_step,
    ),
    Transform(
        name="invert",
        summary=N_("Turns yes into no and no into yes."),
        example="invert",
        gives=always(EdmType.BOOLEAN),
        step=_invert_step,
    ),
)
