"""How an entity's fields differ from what they were."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from p2c.edm.entity import Entity
from p2c.edm.property import Property
from p2c.edm.values import EdmType
from p2c.integrator.mapping.uses import Use
from p2c.text import _

Fields: TypeAlias = Mapping[str, str]
"""The fields of an entity: name to type, as `type_name` has it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that was added (`before` is empty), removed (`now` is empty) or has another type.

    Without `field` the whole entity was removed.
    """

    entity_set: str
    field: str
    before: str
    now: str

    @property
    def loses(self) -> bool:
        """Whether values went: what was added has brought none."""
        return bool(self.before) or not self.field

    def breaks(self, uses: Collection[Use]) -> bool:
        """Whether a map with these uses may not work any more: what is new breaks none."""
        if not self.field:
            return any(entity_set == self.entity_set for entity_set, _field in uses)
        return bool(self.before) and (self.entity_set, self.field) in uses

    def __str__(self) -> str:
        if not self.field:
            text = _("there is no entity {entity} any more")
        elif not self.before:
            text = _("{entity} has a new field {field} ({now})")
        elif not self.now:
            text = _("{entity} has no field {field} any more (it was {before})")
        else:
            text = _("{entity}: field {field} was {before} and is {now} now")
        return text.format(entity=self.entity_set, field=self.field, before=self.before, now=self.now)


def type_name(property: Property) -> str:
    """A field's type in a word: `String`, `Int32`, `lookup`, or the name of its list of choices."""
    if property.is_lookup:
        return "lookup"
    if property.type is EdmType.ENUM and property.choices is not None:
        return property.choices.name
    return property.type.value.rpartition(".")[2]


def fields_of(entity: Entity | None) -> Fields:
    """The fields of an entity; none when it is not there."""
    return {} if entity is None else {item.name: type_name(item) for item in entity.properties}


def differences(entity_set: str, before: Fields, now: Fields) -> list[Difference]:
    """What has changed, by field name; `now` is empty when the entity is not there any more."""
    if before and not now:
        return [Difference(entity_set, "", "", "")]
    return [
        Difference(entity_set, name, before.get(name, ""), now.get(name, ""))
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name)
    ]
