"""The built-in functions of `$filter` and how many arguments each takes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

CONDITIONS = frozenset({"contains", "startswith", "endswith"})
"""Functions that are a condition by themselves."""

ARGUMENTS: Mapping[str, tuple[int, int]] = MappingProxyType(
    dict.fromkeys(CONDITIONS | {"concat", "indexof"}, (2, 2))
    | {"substring": (2, 3)}
    | dict.fromkeys(("length", "tolower", "toupper", "trim"), (1, 1))
    | dict.fromkeys(("year", "month", "day", "hour", "minute", "second", "date"), (1, 1))
    | dict.fromkeys(("round", "floor", "ceiling"), (1, 1))
)
"""Least and most arguments by function name (OData URL conventions, 5.1.1.5 to 5.1.1.9)."""

QUERY_FUNCTION_NAMESPACE = "Microsoft.Dynamics.CRM."

LISTING = frozenset({"In", "NotIn", "Between", "NotBetween", "ContainValues", "DoesNotContainValues"})
"""Query functions that take `PropertyValues=[...]`, however many there are."""

NUMBERED = frozenset({"InFiscalPeriodAndYear", "InOrBeforeFiscalPeriodAndYear", "InOrAfterFiscalPeriodAndYear"})
"""Query functions that take `PropertyValue1` and `PropertyValue2`."""
