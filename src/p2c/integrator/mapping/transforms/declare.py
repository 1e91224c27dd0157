"""What a transform declares: its parameters, the type it yields, and how to make its step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from p2c.edm.property import Property
from p2c.edm.values import EdmType, Value
from p2c.errors import nearest
from p2c.integrator.mapping.template import Scalar, TransformCall

Step: TypeAlias = Callable[[Value], Value]
"""One value in, one value out; raises Refused."""
Join: TypeAlias = Callable[[Sequence[Value]], Value]
"""Several values in, one value out; raises Refused."""
Arguments: TypeAlias = Mapping[str, Scalar]
Gives: TypeAlias = Callable[[Arguments, EdmType | None], EdmType | None]
"""The type of the result from the arguments and the incoming type; None when it depends on the values."""


def always(type: EdmType | None) -> Gives:
    """A result of the same type whatever comes in."""
    return lambda arguments, incoming: type


_UNKNOWN = always(None)


def unchanged(arguments: Arguments, incoming: EdmType | None) -> EdmType | None:
    """A result of the incoming type."""
    return incoming


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a transform. `type` None takes any value; `choices` limits a text, `least` a number."""

    name: str
    help: str
    type: type[str] | type[int] | None = str
    choices: tuple[str, ...] = ()
    required: bool = False
    least: int = 0

    def problem(self, value: Scalar) -> str:
        """What is wrong with the value and what would be right, or ""."""
        if self.choices and str(value) not in self.choices:
            return f"is {value!r}; {nearest(str(value), self.choices)}"
        if self.type is int and (not isinstance(value, int) or isinstance(value, bool) or value < self.least):
            return f"is {value!r}; write a whole number, {self.least} or more"
        if self.type is str and not isinstance(value, str):
            return f"is {value!r}; write a text, in quotes"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """One word of the vocabulary.

    Exactly one of `step` and `join` is given: `join` takes several sources and stands first in a field map.
    Both get the arguments and the destination property (None when more transforms follow).
    `main` is the parameter that a bare value sets (`truncate: 20`). `entries` lets any argument through, for
    value maps.
    """

    name: str
    summary: str
    example: str
    parameters: tuple[Parameter, ...] = ()
    main: str = ""
    entries: bool = False
    gives: Gives = _UNKNOWN
    step: Callable[[Arguments, Property | None], Step] | None = None
    join: Callable[[Arguments, Property | None], Join] | None = None

    def problems(self, call: TransformCall) -> list[str]:
        """What is wrong with the arguments of one use."""
        if self.entries:
            return [] if call.arguments else [f"{self.name} has no entries"]
        known = {parameter.name: parameter for parameter in self.parameters}
        given = dict(call.arguments)
        found = [
            f"{self.name} has no argument {name!r}; {nearest(name, known) if known else 'it takes none'}"
            for name in given
            if name not in known
        ]
        found += [
            f"argument {name} of {self.name} {wrong}"
            for name, value in given.items()
            if name in known and (wrong := known[name].problem(value))
        ]
        return found + [
            f"{self.name} lacks the argument {parameter.name}: {parameter.help}"
            for parameter in self.parameters
            if parameter.required and parameter.name not in given
        ]


def text_of(value: Value) -> str:
    """A value as the text that people would write: lower-case booleans, numbers without trailing zeros."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        digits = format(value, "f")
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    return str(value)
