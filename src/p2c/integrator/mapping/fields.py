"""One field map as a function from a source row to the destination's value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from p2c.edm.property import Property
from p2c.edm.values import Value
from p2c.errors import RejectedRowError
from p2c.integrator.mapping.codes import Refused, RejectCode
from p2c.integrator.mapping.convert import converter
from p2c.integrator.mapping.literal import literal
from p2c.integrator.mapping.template import FieldMap
from p2c.integrator.mapping.transforms.declare import Join, Step
from p2c.integrator.mapping.transforms.registry import TRANSFORMS
from p2c.text import _

SourceRow: TypeAlias = Mapping[str, Value]
Compute: TypeAlias = Callable[[SourceRow], Value]


@dataclass(frozen=True, slots=True)
class Needs:
    """What the destination demands of a field: a key field is never blank, a mandatory one neither."""

    key: bool = False
    mandatory: bool = False


def compile_field(field: FieldMap, destination: Property, needs: Needs) -> Compute:
    """
    The value that the destination field gets from a row that has all of the field map's sources.

    The function raises RejectedRowError with the source's name as `field`, or the destination's when there
    is no source.

    Raises:
        Refused: If the default, or a result of the last value map, does not fit the destination.
    """
    join, steps = _steps(field, destination)
    default = None if field.default is None else literal(field.default, destination)
    convert = converter(destination)
    names = tuple(source.name for source in field.sources)
    shown = " + ".join(names) or field.to
    only = names[0] if len(names) == 1 else None

    def convert_only(row: SourceRow) -> Value:
        try:
            return convert(row[names[0]])
        except Refused as refused:
            raise _rejected(refused, shown, field.to) from None

    if is_copy(field) and needs == Needs():
        return convert_only

    def compute(row: SourceRow) -> Value:
        value: Value = None
        try:
            if only is not None:
                value = row[only]
            elif join is not None:
                value = join([row[name] for name in names])
            for step in steps:
                value = step(value)
            if default is not None and (value is None or value == ""):
                return default
            value = convert(value)
            if (value is None or value == "") and (needs.key or needs.mandatory):
                raise _missing(needs)
            return value
        except Refused as refused:
            raise _rejected(refused, shown, field.to) from None

    return compute


def _steps(field: FieldMap, destination: Property) -> tuple[Join | None, tuple[Step, ...]]:
    join: Join | None = None
    steps: list[Step] = []
    for place, call in enumerate(field.transforms, 1):
        transform = TRANSFORMS[call.name]
        target = destination if place == len(field.transforms) else None
        arguments = dict(call.arguments)
        if transform.join is not None:
            join = transform.join(arguments, target)
        elif transform.step is not None:
            steps.append(transform.step(arguments, target))
    return join, tuple(steps)


def is_copy(field: FieldMap) -> bool:
    """Whether the field map takes one source as it is."""
    return len(field.sources) == 1 and not field.transforms and field.default is None


def _missing(needs: Needs) -> Refused:
    if needs.key:
        return Refused(RejectCode.KEY_MISSING, _("is part of the integration key and blank"), None)
    return Refused(RejectCode.REQUIRED_MISSING, _("is needed by the destination and blank"), None)


def _rejected(refused: Refused, shown: str, to: str) -> RejectedRowError:
    return RejectedRowError(
        refused.code.value,
        _("{what} (for {to})").format(what=refused.what, to=to),
        field=shown,
        value=refused.value,
        way_out=_(refused.way_out),
    )
