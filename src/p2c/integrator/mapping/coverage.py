"""Which destination rows a leg answers for: others may stand in the same entity, and are none of its business."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from p2c.edm.entity import Entity, Model
from p2c.edm.property import Property
from p2c.edm.values import EdmType, Row, Value
from p2c.errors import RejectedRowError
from p2c.integrator.mapping.conditions import parse_condition
from p2c.integrator.mapping.fields import Needs, compile_field
from p2c.integrator.mapping.resolve import resolve_destination
from p2c.integrator.mapping.template import FieldMap, Leg
from p2c.odata.query.ast import And, CompareOp, Comparison, EnumLiteral, Expression, Literal, Member


def coverage(
    leg: Leg, source: Entity, destination: Entity, source_model: Model, destination_model: Model
) -> Mapping[str, Value]:
    """
    What every row that the leg writes has, by destination field, as far as that tells its rows from others.

    It follows from conditions that ask for one value of a field (`statecode eq 0`), as the map of that field turns it
    into the destination's, and from constants of the map in fields with a fixed list of values
    (`{to: PartyType, default: Organization}`). Other constants, such as a site, are changed by people.
    """
    asked = {
        name: value
        for condition in leg.where
        for name, value in _asked(parse_condition(condition, source, source_model)[0])
    }
    found: dict[str, Value] = {}
    for item in leg.fields:
        resolved = resolve_destination(item.to, destination, destination_model)
        tells = bool(item.sources) or _is_list(resolved.property)
        if resolved.lookup is None and tells and (row := _known(item, asked)) is not None:
            try:
                found[item.to] = compile_field(item, resolved.property, Needs())(row)
            except RejectedRowError:
                continue
    return found


def _known(item: FieldMap, asked: Mapping[str, Value]) -> Row | None:
    """A source row with all that the field map needs, when that is the same for every row."""
    names = [source.name for source in item.sources]
    return {name: asked[name] for name in names} if all(name in asked for name in names) else None


def _is_list(property: Property) -> bool:
    return property.type in (EdmType.ENUM, EdmType.BOOLEAN) or property.choices is not None


def _asked(expression: Expression) -> Iterator[tuple[str, Value]]:
    """Fields that must have one value for the condition to hold."""
    if isinstance(expression, And):
        for operand in expression.operands:
            yield from _asked(operand)
    elif isinstance(expression, Comparison) and expression.operator is CompareOp.EQ:
        for field, constant in ((expression.left, expression.right), (expression.right, expression.left)):
            if isinstance(field, Member) and isinstance(constant, Literal | EnumLiteral):
                yield field.path[0], constant.member if isinstance(constant, EnumLiteral) else constant.value
