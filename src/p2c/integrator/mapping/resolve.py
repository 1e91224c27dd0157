"""Finds what the names in a field map stand for in the entities of an environment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from p2c.edm.entity import Entity, Model
from p2c.edm.property import Property
from p2c.errors import ConfigurationError, nearest
from p2c.integrator.mapping.codes import LOOKUP_CODES, RejectCode
from p2c.integrator.mapping.convert import key_property
from p2c.integrator.mapping.related import DestinationLookup, RelatedField, RelatedTarget
from p2c.integrator.mapping.template import SourceField


class UnresolvedError(ConfigurationError):
    """A field map names something that its entity does not have. `code` is the validation code or ""."""

    def __init__(self, what: str, way_out: str, code: str = "") -> None:
        self.code = code
        super().__init__(what, way_out=way_out)


@dataclass(frozen=True, slots=True)
class ResolvedSource:
    """The property whose values come, and how they are reached when they stand in another row."""

    property: Property
    related: RelatedField | None = None


@dataclass(frozen=True, slots=True)
class ResolvedDestination:
    """The property that takes the values, whether a row needs it, and the lookup it is found through.

    `slot` is the field of the row that is set: the lookup's name when the value names another row.
    """

    property: Property
    mandatory: bool
    slot: str
    lookup: DestinationLookup | None = None


def resolve_source(field: SourceField, entity: Entity, model: Model) -> ResolvedSource:
    """
    What a source field stands for.

    Raises:
        UnresolvedError: If the entity has no such field or lookup, or a related entity has not.
    """
    if not field.is_related:
        return ResolvedSource(_own(field.field, entity, model, "DIPV1022"))
    lookup, targets, values = _through(field, entity, model, "DIPV1022")
    return ResolvedSource(values[0], RelatedField(field.name, lookup.name, targets))


def resolve_destination(to: str, entity: Entity, model: Model) -> ResolvedDestination:
    """
    What a destination field stands for.

    Raises:
        UnresolvedError: If the entity has no such field or lookup, or it cannot be written.
    """
    field = _parsed(to)
    if field.is_related:
        lookup, targets, values = _through(field, entity, model, "DIPV1025")
        _refuse_read_only(lookup, entity, model)
        code = LOOKUP_CODES.get(targets[0].entity, RejectCode.LOOKUP_NOT_FOUND).value
        found = DestinationLookup(to, lookup.name, targets, code)
        return ResolvedDestination(key_property(values[0]), lookup.required.mandatory, lookup.name, found)
    property = _own(to, entity, model, "DIPV1025")
    _refuse_read_only(property, entity, model)
    slot = property.path[0] if property.path else property.name
    behind = entity.property.get(slot)
    needed = property.required.mandatory or (behind is not None and behind.required.mandatory)
    return ResolvedDestination(property, needed, property.name if slot not in entity.property else slot)


def mandatory_slots(entity: Entity) -> list[str]:
    """Fields that a new row must have and that nothing fills in."""
    return [
        property.name
        for property in entity.properties
        if property.required.mandatory and not property.read_only and property.default is None
    ]


def _parsed(text: str) -> SourceField:
    try:
        return SourceField.parse(text)
    except ValueError as error:
        raise UnresolvedError(str(error), "") from None


def _own(name: str, entity: Entity, model: Model, code: str) -> Property:
    property = entity.property.get(name)
    if property is None:
        what = f"{model.name} {entity.set_name} has no field {name!r}"
        raise UnresolvedError(what, nearest(name, entity.property), code)
    return property


def _through(
    field: SourceField, entity: Entity, model: Model, code: str
) -> tuple[Property, tuple[RelatedTarget, ...], Sequence[Property]]:
    lookup = entity.property.get(field.lookup)
    if lookup is None or not lookup.is_lookup:
        lookups = [property.name for property in entity.lookups]
        what = f"{model.name} {entity.set_name} has no lookup {field.lookup!r}"
        raise UnresolvedError(what, nearest(field.lookup, lookups), code)
    wanted = field.targets or _only_target(lookup, field.field)
    found = [_target(lookup, name, value, model, code) for name, value in wanted]
    return lookup, tuple(target for target, _ in found), [property for _, property in found]


def _only_target(lookup: Property, field: str) -> tuple[tuple[str, str], ...]:
    if lookup.polymorphic:
        spelled = "".join(f".{target.capitalize()}(field)" for target in lookup.targets)
        what = f"lookup {lookup.name!r} may point at {' or '.join(lookup.targets)}"
        raise UnresolvedError(what, f"say which field of each: {lookup.name}{spelled}")
    return ((lookup.targets[0], field),)


def _target(lookup: Property, name: str, field: str, model: Model, code: str) -> tuple[RelatedTarget, Property]:
    by_lower = {target.lower(): place for place, target in enumerate(lookup.targets)}
    place = by_lower.get(name.lower())
    if place is None:
        what = f"lookup {lookup.name!r} never points at {name!r}"
        raise UnresolvedError(what, nearest(name, lookup.targets), code)
    entity = model.entity[lookup.targets[place]]
    property = _own(field, entity, model, code)
    return RelatedTarget(entity.name, entity.set_name, lookup.navigations[place], field), property


def _refuse_read_only(property: Property, entity: Entity, model: Model) -> None:
    if property.read_only:
        what = f"{model.name} {entity.set_name} does not let {property.name!r} be written"
        raise UnresolvedError(what, "take it out of the field map", "DIPV1011")
