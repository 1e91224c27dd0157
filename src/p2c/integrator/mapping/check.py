"""Checks a template against the entities of its environments, before anything runs.

The codes beside the messages are those of the real Data Integrator's validation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TypeAlias, TypeVar

from p2c.edm.entity import Entity, Model
from p2c.edm.property import Property
from p2c.edm.values import EdmType, Row
from p2c.errors import nearest
from p2c.integrator.mapping.codes import Refused
from p2c.integrator.mapping.company import is_company_field
from p2c.integrator.mapping.conditions import compile_conditions
from p2c.integrator.mapping.convert import fits, type_word
from p2c.integrator.mapping.fields import Needs, compile_field
from p2c.integrator.mapping.literal import literal
from p2c.integrator.mapping.match import plan_match
from p2c.integrator.mapping.modified import modified_field
from p2c.integrator.mapping.problems import TemplateError, TemplateProblem
from p2c.integrator.mapping.resolve import (
    ResolvedDestination,
    UnresolvedError,
    mandatory_slots,
    resolve_destination,
    resolve_source,
)
from p2c.integrator.mapping.template import End, FieldMap, Leg, OnConflict, SourceField, Task, Template
from p2c.integrator.mapping.transforms.registry import TRANSFORMS

_Found = TypeVar("_Found")


Shape: TypeAlias = Callable[[Leg, Model], Entity]
"""What the rows look like that a leg reads from an environment. It raises UnresolvedError."""


def plain_shape(leg: Leg, model: Model) -> Entity:
    """The source entity itself."""
    return model.entity_set[leg.source.entity]


def check(template: Template, models: Mapping[str, Model], shape: Shape = plain_shape) -> None:
    """
    Refuse a template that does not fit the environments; `models` are theirs by environment name.

    `shape` says what the rows of a leg's source look like, once its entity is known to be there.

    Raises:
        TemplateError: With all problems: unknown names, unmapped keys and mandatory fields, read-only
            and doubly mapped fields, values and types that do not fit.
    """
    problems: list[TemplateProblem] = []
    names = [task.name for task in template.tasks]
    for task in template.tasks:
        for need in task.needs:
            if need in names[names.index(task.name) :]:
                what = f"task {task.name!r} needs {need!r}, which does not come before it"
                problems.append(TemplateProblem(template.file, task.line, what, "change their order"))
        problems += _match_problems(template.file, task, models)
        for leg in task.legs:
            problems += _LegCheck(template.file, leg, models, shape).problems()
        problems += _inactive_problems(template.file, task, models)
        problems += _conflict_problems(template.file, task, models)
    if problems:
        raise TemplateError(problems)


def inactive_values(task: Task, destination: Entity) -> Row:
    """
    What makes a row of the task's last destination inactive, as that entity holds it.

    Raises:
        UnresolvedError: A field is not there, or is part of the key.
        Refused: A field cannot hold its value.
    """
    values: Row = {}
    for name, value in task.inactive:
        item = destination.property.get(name)
        if item is None or item.read_only or name in task.legs[-1].destination.key:
            known = (item.name for item in destination.properties if not item.read_only)
            raise UnresolvedError(
                f"{name!r} cannot make a row of {destination.set_name} inactive", nearest(name, known)
            )
        values[name] = literal(value, item)
    return values


def _inactive_problems(file: str, task: Task, models: Mapping[str, Model]) -> Iterator[TemplateProblem]:
    end = task.legs[-1].destination
    entity = models[end.environment].entity_set.get(end.entity) if end.environment in models else None
    if entity is None:
        return
    try:
        inactive_values(task, entity)
    except UnresolvedError as error:
        yield TemplateProblem(file, task.line, error.what, error.way_out)
    except Refused as refused:
        yield TemplateProblem(file, task.line, f"on_delete: {refused.what}", refused.way_out)


def _conflict_problems(file: str, task: Task, models: Mapping[str, Model]) -> Iterator[TemplateProblem]:
    """Which of two rows is the newest must be told on both sides of each leg."""
    if task.on_conflict is not OnConflict.NEWEST:
        return
    for leg in task.legs:
        for end in (leg.source, leg.destination):
            entity = models[end.environment].entity_set.get(end.entity) if end.environment in models else None
            if entity is not None and not modified_field(entity):
                what = f"on_conflict newest: {end.environment} {end.entity} does not say when a row was changed"
                yield TemplateProblem(file, task.line, what, "write source, destination or ask")


def _match_problems(file: str, task: Task, models: Mapping[str, Model]) -> list[TemplateProblem]:
    try:
        plan_match(task, models)
    except UnresolvedError as error:
        return [TemplateProblem(file, task.match.line if task.match else 0, error.what, error.way_out, error.code)]
    return []


class _LegCheck:
    """Finds what is wrong with one leg."""

    def __init__(self, file: str, leg: Leg, models: Mapping[str, Model], shape: Shape) -> None:
        self._file = file
        self._shape = shape
        self._leg = leg
        self._models = models
        self._found: list[TemplateProblem] = []

    def problems(self) -> list[TemplateProblem]:
        """Everything that is wrong, in no particular order."""
        source, destination = self._source_side(), self._side(self._leg.destination)
        if source is not None:
            self._conditions(*source)
            for name in self._leg.source.key:
                self._source(SourceField.parse(name), self._leg.source.line, *source)
        if destination is not None:
            self._destination(*destination)
        mapped: set[str] = set()
        for item in self._leg.fields:
            if item.to in mapped:
                self._note(item.line, f"field {item.to!r} is mapped twice", "remove one", "DIPV1023")
            mapped.add(item.to)
            self._field(item, source, destination)
        return self._found

    def _note(self, line: int, what: str, way_out: str = "", code: str = "") -> None:
        self._found.append(TemplateProblem(self._file, line, what, way_out, code))

    def _try(self, line: int, resolve: Callable[[], _Found]) -> _Found | None:
        try:
            return resolve()
        except UnresolvedError as error:
            self._note(line, error.what, error.way_out, error.code)
            return None

    def _side(self, end: End) -> tuple[Entity, Model] | None:
        model = self._models.get(end.environment)
        if model is None:
            what = f"there is no environment {end.environment!r} here"
            self._note(end.line, what, nearest(end.environment, self._models), "DIPV1005")
            return None
        entity = model.entity_set.get(end.entity)
        if entity is None:
            what = f"{model.name} has no entity {end.entity!r}"
            self._note(end.line, what, nearest(end.entity, model.entity_set), "DIPV1018")
            return None
        return entity, model

    def _source_side(self) -> tuple[Entity, Model] | None:
        found = self._side(self._leg.source)
        if found is None:
            return None
        entity = self._try(self._leg.query_line, partial(self._shape, self._leg, found[1]))
        return None if entity is None else (entity, found[1])

    def _conditions(self, entity: Entity, model: Model) -> None:
        for condition in self._leg.where:
            self._try(condition.line, partial(compile_conditions, [condition], entity, model))

    def _source(self, field: SourceField, line: int, entity: Entity, model: Model) -> Property | None:
        if is_company_field(field.name):
            self._company(field.name, line)
            return None
        found = self._try(line, partial(resolve_source, field, entity, model))
        return None if found is None else found.property

    def _destination(self, entity: Entity, model: Model) -> None:
        end = self._leg.destination
        if not entity.writable:
            self._note(
                end.line,
                f"{model.name} {entity.set_name} can only be read",
                "choose another entity",
                "DIPV1011",
            )
        self._key(end, entity, model)
        mapped = {item.to for item in self._leg.fields} | {_head(item.to, entity) for item in self._leg.fields}
        for name in mandatory_slots(entity):
            if name not in mapped and name not in end.key and not is_company_field(name):
                what = f"mandatory field {name!r} of {model.name} {entity.set_name} is not mapped"
                self._note(self._leg.line, what, "map it, or give a default", "DIPV1010")

    def _key(self, end: End, entity: Entity, model: Model) -> None:
        keys = [entity.key, *(key.properties for key in entity.alternate_keys)]
        known = [tuple(name for name in key if not is_company_field(name)) for key in keys]
        if set(end.key) not in [set(key) for key in known]:
            what = f"{', '.join(end.key)} is no key of {model.name} {entity.set_name}"
            way_out = f"keys: {'; '.join(', '.join(key) for key in known if key)}"
            self._note(end.line, what, way_out, "DIPV1003")
        mapped = {item.to for item in self._leg.fields}
        for name in end.key:
            if name not in mapped:
                self._note(end.line, f"key field {name!r} is not mapped", "map it", "DIPV1014")

    def _field(
        self, item: FieldMap, source: tuple[Entity, Model] | None, destination: tuple[Entity, Model] | None
    ) -> None:
        found = [] if source is None else [self._source(one, item.line, *source) for one in item.sources]
        if is_company_field(item.to):
            self._company(item.to, item.line)
        elif destination is not None:
            target = self._try(item.line, partial(resolve_destination, item.to, *destination))
            if target is not None:
                self._value(item, [one for one in found if one is not None], target)

    def _value(self, item: FieldMap, sources: list[Property], target: ResolvedDestination) -> None:
        try:
            compile_field(item, target.property, Needs())
        except Refused as refused:
            self._note(item.line, f"{item.to!r}: {refused.what}", refused.way_out, "DIPV1030")
        type = _result_type(item, sources)
        if type is not None and not fits(type, target.property.type):
            what = f"{item.to!r} takes a {type_word(target.property.type)}, not a {type_word(type)}"
            way_out = "add one of the transforms number, boolean, date or value_map, or choose another field"
            self._note(item.line, what, way_out, "DIPV1030")

    def _company(self, name: str, line: int) -> None:
        what = f"field {name!r} holds the company, which never stands in a field map"
        self._note(line, what, "take it out; the organization mapping of the connection set fills it")


def _head(to: str, entity: Entity) -> str:
    """The lookup behind a destination field that is reached through one, else the field."""
    property = entity.property.get(to)
    return property.path[0] if property is not None and property.path else to.partition(".")[0]


def _result_type(item: FieldMap, sources: list[Property]) -> EdmType | None:
    """The type that arrives at the destination; None when it depends on the values."""
    types = {source.type for source in sources}
    type = types.pop() if len(types) == 1 and len(sources) == len(item.sources) else None
    for call in item.transforms:
        type = TRANSFORMS[call.name].gives(dict(call.arguments), type)
    return type
