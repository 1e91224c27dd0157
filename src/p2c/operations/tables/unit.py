"""Units of measure and the conversions between them; shared by all companies."""

from __future__ import annotations

from decimal import Decimal

from p2c.edm.entity import Table
from p2c.operations.enums import (
    UNIT_OF_MEASURE_CLASS,
    UNIT_OF_MEASURE_CONVERSION_ROUNDING,
    UNIT_OF_MEASURE_SYSTEM_OF_UNITS,
)
from p2c.operations.tables.column import NEEDED, RECORD_ID, count, flag, member, number, record_id, string
from p2c.text import N_

UNIT = Table(
    name="unit",
    columns=(
        record_id(),
        string("UnitSymbol", 10, N_("Unit symbol"), required=NEEDED),
        string("UnitDescription", 60, N_("Unit description")),
        member("UnitClass", N_("Unit class"), UNIT_OF_MEASURE_CLASS, required=NEEDED),
        member("SystemOfUnits", N_("System of units"), UNIT_OF_MEASURE_SYSTEM_OF_UNITS),
        count("DecimalPrecision", N_("Decimal precision")),
        flag("IsBaseUnit", N_("Base unit")),
        flag("IsSystemUnit", N_("System unit")),
    ),
    primary_key=RECORD_ID,
    ignores_case=True,
    unique=(("UnitSymbol",),),
)


UNIT_CONVERSION = Table(
    name="unit_conversion",
    columns=(
        record_id(),
        string("FromUnitSymbol", 10, N_("From unit"), required=NEEDED),
        string("ToUnitSymbol", 10, N_("To unit"), required=NEEDED),
        number("Factor", N_("Factor"), scale=12, default=Decimal(1)),
        count("Numerator", N_("Numerator"), default=1),
        count("Denominator", N_("Denominator"), default=1),
        number("InnerOffset", N_("Inner offset")),
        number("OuterOffset", N_("Outer offset")),
        member("Rounding", N_("Rounding"), UNIT_OF_MEASURE_CONVERSION_ROUNDING),
    ),
    primary_key=RECORD_ID,
    ignores_case=True,
    unique=(("FromUnitSymbol", "ToUnitSymbol"),),
    indexes=(("ToUnitSymbol",),),
)
