"""What a match rule compares, and which field of the source takes the key that the destination has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from p2c.edm.entity import Entity, Model
from p2c.edm.property import Property
from p2c.edm.values import EdmType, Row, Value
from p2c.integrator.mapping.fields import is_copy
from p2c.integrator.mapping.resolve import UnresolvedError, resolve_source
from p2c.integrator.mapping.template import End, MatchRule, SourceField, Task


@dataclass(frozen=True, slots=True)
class MatchPlan:
    """A match rule over the entities of its two environments.

    `key` pairs the source's field with the destination's, for each field of the destination's integration key: the
    source row that has this key is delivered to that destination row.
    """

    source: Entity
    destination: Entity
    rule: MatchRule
    key: tuple[tuple[str, str], ...]

    def compared(self, row: Row, side: int) -> tuple[str, ...] | None:
        """The values that are compared, of a row of the source (0) or the destination (1); None when one is blank."""
        texts = tuple(comparable(row[pair[side]], ignore_case=self.rule.ignore_case) for pair in self.rule.on)
        return texts if all(texts) else None

    def key_of(self, row: Row, side: int) -> tuple[str, ...]:
        """The integration key of a row of the source (0) or the destination (1), as it is; blank parts are empty."""
        return tuple(comparable(row[pair[side]], ignore_case=False) for pair in self.key)


def plan_match(task: Task, models: Mapping[str, Model]) -> MatchPlan | None:
    """
    The match rule of a task; None when it has none, or its ends are not there, which is told elsewhere.

    Raises:
        UnresolvedError: The rule names fields that are not there, or the source cannot take the destination's key.
    """
    if task.match is None or not task.legs:
        return None
    first, last = task.legs[0].source, task.legs[-1].destination
    source, destination = _entity(first, models), _entity(last, models)
    if source is None or destination is None:
        return None
    if task.legs[0].query:
        raise UnresolvedError("a task whose first leg has a query has no match rule", "take one of them out")
    for ours, theirs in task.match.on:
        resolve_source(SourceField(ours), source, models[first.environment])
        resolve_source(SourceField(theirs), destination, models[last.environment])
    key = tuple((_origin(task, name), name) for name in last.key)
    for ours, _ in key:
        _refuse_unwritable(resolve_source(SourceField(ours), source, models[first.environment]).property, source)
    return MatchPlan(source, destination, task.match, key)


def comparable(value: Value, *, ignore_case: bool) -> str:
    """A value as text without blanks around it; empty when there is none."""
    text = "" if value is None else str(value).strip()
    return text.casefold() if ignore_case else text


def _entity(end: End, models: Mapping[str, Model]) -> Entity | None:
    model = models.get(end.environment)
    return None if model is None else model.entity_set.get(end.entity)


def _origin(task: Task, name: str) -> str:
    """The field of the first leg's source that a field of the last leg's destination is a copy of."""
    for leg in reversed(task.legs):
        copies = {item.to: item.sources[0] for item in leg.fields if is_copy(item) and not item.sources[0].is_related}
        if name not in copies:
            raise UnresolvedError(
                f"a match gives the source the key of the destination, but {name!r} is no plain copy of a field",
                "map it from one field without transforms and default",
            )
        name = copies[name].field
    return name


def _refuse_unwritable(property: Property, source: Entity) -> None:
    surrogate = len(source.key) == 1 and property.name not in source.key
    if property.read_only or not surrogate or property.type is not EdmType.STRING:
        raise UnresolvedError(
            f"a match gives {property.name!r} of {source.set_name} the key of the destination, but it cannot take it",
            "use match rules where the source's integration key is a text that can be written",
        )
