"""The fields of its environments that a leg's map uses, by name, whether or not they are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from p2c.edm.entity import Model
from p2c.integrator.mapping.template import Leg, SourceField
from p2c.odata.query.errors import QueryError
from p2c.odata.query.filter import parse_filter
from p2c.odata.query.members import members

Use: TypeAlias = tuple[str, str]
"""An entity set and a field of it."""


def source_uses(leg: Leg, model: Model) -> frozenset[Use]:
    """What the map reads: keys, mapped fields, the fields of conditions, and those behind lookups."""
    named = [one for item in leg.fields for one in item.sources]
    named += [SourceField.parse(name) for name in leg.source.key]
    own = leg.source.entity
    found = {use for field in named for use in _reached(field, own, model)}
    for condition in leg.where:
        try:
            found |= {(own, path[0]) for path in members(parse_filter(condition.filter))}
        except QueryError:
            # A filter that cannot be read is a mistake of the template, which its check names.
            continue
    return frozenset(found)


def destination_uses(leg: Leg, model: Model) -> frozenset[Use]:
    """What the map writes: keys, mapped fields, and those that rows behind lookups are found by."""
    names = [*leg.destination.key, *(item.to for item in leg.fields)]
    return frozenset(use for name in names for use in _reached(SourceField.parse(name), leg.destination.entity, model))


def own_field(name: str) -> str:
    """The field of the entity itself that a destination field stands for: the lookup, where it is behind one."""
    return _own(SourceField.parse(name))


def _own(field: SourceField) -> str:
    return field.lookup or field.field


def _reached(field: SourceField, entity_set: str, model: Model) -> Iterator[Use]:
    yield entity_set, _own(field)
    entity = model.entity_set.get(entity_set)
    lookup = entity.property.get(field.lookup) if entity is not None and field.is_related else None
    if lookup is None:
        return
    wanted = {target.lower(): name for target, name in field.targets}
    for target in lookup.targets:
        name = wanted.get(target.lower(), "" if wanted else field.field)
        if name and target in model.entity:
            yield model.entity[target].set_name, name
