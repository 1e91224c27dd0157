"""The conditions of a leg as functions: why a source row stays behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from p2c.edm.entity import Entity, Model
from p2c.edm.values import Value
from p2c.errors import nearest
from p2c.integrator.mapping.resolve import UnresolvedError
from p2c.integrator.mapping.template import OPERATIONS, Condition
from p2c.odata.query.ast import Expression
from p2c.odata.query.errors import QueryError
from p2c.odata.query.evaluate import compile_filter
from p2c.odata.query.filter import parse_filter
from p2c.odata.query.members import members


def parse_condition(condition: Condition, entity: Entity, model: Model) -> tuple[Expression, tuple[str, ...]]:
    """
    The filter as a tree, and the fields it needs.

    Raises:
        UnresolvedError: If it cannot be read, or names what is not a field of the entity itself.
    """
    try:
        expression = parse_filter(condition.filter)
    except QueryError as error:
        raise UnresolvedError(f"filter cannot be read: {error}", "", "DIPV1012") from error
    paths = members(expression)
    for path in sorted(paths):
        if len(path) > 1:
            what = f"filter looks at another row: {'/'.join(path)}"
            raise UnresolvedError(what, f"use fields of {entity.set_name} itself", "DIPV1012")
        if path[0] not in entity.property:
            what = f"filter names {path[0]!r}, which {model.name} {entity.set_name} does not have"
            raise UnresolvedError(what, nearest(path[0], entity.property), "DIPV1012")
    return expression, tuple(path[0] for path in sorted(paths))


def compile_conditions(
    conditions: Sequence[Condition], entity: Entity, model: Model
) -> tuple[Callable[[Mapping[str, Value]], str | None], tuple[str, ...]]:
    """A function that gives the reason of the first condition that a row misses, and the fields it needs.

    Texts compare without regard to case, as in the services themselves.
    """
    tests = []
    needed: dict[str, None] = {}
    for condition in conditions:
        expression, fields = parse_condition(condition, entity, model)
        needed |= dict.fromkeys(fields)
        try:
            test = compile_filter(expression, ignore_case=True, wildcards=model.name == OPERATIONS)
        except QueryError as error:
            raise UnresolvedError(f"filter cannot be used: {error}", "", "DIPV1012") from error
        tests.append((test, condition.because))

    def why_skipped(row: Mapping[str, Value]) -> str | None:
        for passes, because in tests:
            if not passes(row):
                return because
        return None

    return why_skipped, tuple(needed)
