"""The transform of units of measure between environments."""

from __future__ import annotations

from p2c.edm.property import Property
from p2c.edm.values import EdmType, Value
from p2c.errors import nearest
from p2c.integrator.mapping.codes import Refused, RejectCode, is_blank
from p2c.integrator.mapping.template import ENVIRONMENTS, OPERATIONS
from p2c.integrator.mapping.transforms.declare import Arguments, Parameter, Step, Transform, always, text_of
from p2c.text import N_, _

UNITS = (
    ("ea", "Each"),
    ("pcs", "Piece"),
    ("lb", "Pound"),
    ("kg", "Kilogram"),
    ("g", "Gram"),
    ("oz", "Ounce"),
    ("box", "Box"),
    ("dz", "Dozen"),
    ("pr", "Pair"),
    ("pl", "Pallet"),
    ("hr", "Hour"),
    ("day", "Day"),
    ("gal", "Gallon"),
    ("l", "Litre"),
    ("m", "Meter"),
    ("ft", "Feet"),
)
"""Unit symbol in Operations, and the name that the Common Data Service and Sales share."""


def unit_table(source: str, destination: str) -> dict[str, str]:
    """Units of one environment, in lower case, to those of another."""
    from_, to = (0 if environment == OPERATIONS else 1 for environment in (source, destination))
    return {names[from_].lower(): names[to] for names in UNITS}


def _unit_step(arguments: Arguments, destination: Property | None) -> Step:
    table = unit_table(str(arguments["from"]), str(arguments["to"]))

    def step(value: Value) -> Value:
        if is_blank(value):
            return None
        unit = table.get(text_of(value).strip().lower())
        if unit is not None:
            return unit
        hint = nearest(text_of(value), table)
        raise Refused(
            RejectCode.UNIT_UNKNOWN,
            _("unit {value!r} is not known; {hint}").format(value=value, hint=hint),
            value,
        )

    return step


TRANSFORMS = (
    Transform(
        name="unit",
        summary=N_("Translates a unit of measure from one environment's name to another's."),
        example="unit: {from: operations, to: commondata}",
        parameters=(
            Parameter("from", N_("environment whose unit comes in"), choices=ENVIRONMENTS, required=True),
            Parameter("to", N_("environment whose unit goes out"), choices=ENVIRONMENTS, required=True),
        ),
        gives=always(EdmType.STRING),
        step=_unit_step,
    ),
)
