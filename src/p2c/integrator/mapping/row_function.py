"""A leg's field maps as one generated function, so that mapping a row is one expression and not a loop of calls.

For the fields `name`, `statecode` and `state`, of which the first is copied, the second has a rule for its values and
the third is constant, the expression is

    lambda row: {"name": row["name"], "statecode": v if PASSES else rule_1(row), "state": constant_2}

The rules themselves are nowhere here: what is generated only says which one is called when.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, cast

from p2c.edm.values import Row, Value
from p2c.integrator.mapping.convert import VALUE, Passing
from p2c.integrator.mapping.fields import Compute

RowFunction: TypeAlias = Callable[[Mapping[str, Value]], Row]


@dataclass(frozen=True, slots=True)
class Copied:
    """A source field whose values all go in as they are."""

    source: str


@dataclass(frozen=True, slots=True)
class Constant:
    """The same for every row."""

    value: Value


@dataclass(frozen=True, slots=True)
class Computed:
    """A rule decides. Values of the source field that meet `passing` need it not: the rule would give them back."""

    rule: Compute
    source: str = ""
    passing: Passing | None = None


Part: TypeAlias = Copied | Constant | Computed


def row_function(parts: Mapping[str, Part]) -> RowFunction:
    """A function that makes a row with these fields, filled in order; raises what the first failing rule raises."""
    names: dict[str, object] = {}
    fields = [f"{to!r}: {_expression(part, place, names)}" for place, (to, part) in enumerate(parts.items())]
    code = compile(f"lambda row: {{{', '.join(fields)}}}", "<field maps>", "eval")
    return cast(RowFunction, eval(code, names))


def _expression(part: Part, place: int, names: dict[str, object]) -> str:
    """How a field gets its value; what the expression calls is added to `names`."""
    if isinstance(part, Copied):
        return f"row[{part.source!r}]"
    if isinstance(part, Constant):
        names[f"constant_{place}"] = part.value
        return f"constant_{place}"
    names[f"rule_{place}"] = part.rule
    if part.passing is None:
        return f"rule_{place}(row)"
    names |= {f"{name}_{place}": value for name, value in part.passing.names.items()}
    test = part.passing.test.format(**{name: f"{name}_{place}" for name in part.passing.names})
    return f"{VALUE} if ({VALUE} := row[{part.source!r}]) is not None and {test} else rule_{place}(row)"
