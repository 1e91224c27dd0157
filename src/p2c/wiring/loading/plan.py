"""Which column goes into which field: settled, and refused where it is wrong, before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from p2c.edm.entity import Entity, Model
from p2c.edm.property import Property
from p2c.errors import ConfigurationError, followed, nearest
from p2c.wiring.loading.file import REJECTED_COLUMNS, CsvFile, is_rejected_file


@dataclass(frozen=True, slots=True)
class Lookup:
    """A lookup that a cell names by a field of the row it points at: `target` entity, `field` of it."""

    name: str
    target: str
    field: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a field's text comes from: a column's place, or a constant."""

    shown: str
    place: int | None
    constant: str = ""

    def text(self, cells: Sequence[str]) -> str:
        """The text for one record."""
        return self.constant if self.place is None else cells[self.place]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a record becomes a row: its own fields, its lookups, and the fields that address it."""

    entity: Entity
    fields: Mapping[str, Source]
    lookups: Mapping[Lookup, Source]
    key: tuple[str, ...]


def find_entity(model: Model, name: str) -> Entity:
    """
    An entity by entity set or entity name.

    Raises:
        ConfigurationError: There is none; the nearest right name is told.
    """
    known = {**model.entity, **model.entity_set}
    if name not in known:
        raise ConfigurationError(
            f"there is no entity set {name!r}", where=model.name, way_out=nearest(name, model.entity_set)
        )
    return known[name]


def make_plan(
    model: Model,
    entity: Entity,
    file: CsvFile,
    *,
    maps: Mapping[str, str],
    constants: Mapping[str, str],
    key: Sequence[str] = (),
    only_mapped: bool = False,
) -> Plan:
    """
    Settle every column.

    Args:
        maps: Column to field (`lookup.field` for a lookup); an empty field leaves the column out.
        constants: Field to text that every row gets.
        key: The fields that address a row; otherwise the first key of the entity that is filled.
        only_mapped: Leave columns out that `maps` does not name, instead of taking them as field names.

    Raises:
        ConfigurationError: A column, field, lookup or key is not known, or a field is filled twice.
    """
    for column in maps:
        if column not in file.columns:
            raise ConfigurationError(
                f"no column {column!r}", where=f"{file.path}, line 1", way_out=nearest(column, file.columns)
            )
    sources = [(field, Source(f"--set {field}", None, text)) for field, text in constants.items()]
    for place, column in enumerate(file.columns):
        field = maps.get(column, "" if only_mapped or _added(file, column) else column)
        if field:
            sources.append((field, Source(f"column {column!r}", place)))
    fields: dict[str, Source] = {}
    lookups: dict[Lookup, Source] = {}
    for field, source in sources:
        _place(model, entity, file, field, source, fields, lookups)
    return Plan(entity, fields, lookups, _key(entity, tuple(key), fields, file))


def _place(
    model: Model,
    entity: Entity,
    file: CsvFile,
    field: str,
    source: Source,
    fields: dict[str, Source],
    lookups: dict[Lookup, Source],
) -> None:
    if "." in field:
        lookup = _lookup(model, entity, field, source)
        taken = next((other for known, other in lookups.items() if known.name == lookup.name), None)
        lookups[lookup] = source
    else:
        item = _property(entity, field, source, file)
        taken = fields.get(item.name)
        fields[item.name] = source
    if taken is not None:
        raise ConfigurationError(
            f"{field} is filled twice, from {taken.shown} and from {source.shown}",
            where=entity.set_name,
            way_out="leave one out (--map COLUMN=)",
        )


def _property(entity: Entity, field: str, source: Source, file: CsvFile) -> Property:
    item = entity.property.get(field)
    if item is None:
        mapping = f"--map {source.shown.removeprefix('column ')}=FIELD maps it"
        way_out = followed(nearest(field, entity.property), mapping)
        raise ConfigurationError(
            f"{entity.set_name} has no field {field!r} ({source.shown})",
            where=f"{file.path}, line 1",
            way_out=f"{way_out}, an empty FIELD leaves it out",
        )
    if item.read_only and field not in entity.key:
        raise ConfigurationError(
            f"{entity.set_name}.{field} is read-only ({source.shown})",
            where=f"{file.path}, line 1",
            way_out=f"leave it out: --map {source.shown.removeprefix('column ')}=",
        )
    return item


def _lookup(model: Model, entity: Entity, path: str, source: Source) -> Lookup:
    """`lookup.field`, or `lookup.entity.field` where the lookup may point at several entities."""
    name, *rest = path.split(".")
    known = [item.name for item in entity.lookups]
    item = entity.property.get(name)
    if item is None or not item.is_lookup:
        raise ConfigurationError(
            f"{entity.set_name} has no lookup {name!r} ({source.shown})", way_out=nearest(name, known)
        )
    targets = dict(zip(map(str.lower, item.targets), item.targets, strict=True))
    if len(rest) == 2 and rest[0].lower() in targets:
        target, field = targets[rest[0].lower()], rest[1]
    elif len(rest) == 1 and len(item.targets) == 1:
        target, field = item.targets[0], rest[0]
    else:
        shapes = " or ".join(f"{name}.{target}.FIELD" for target in item.targets)
        raise ConfigurationError(f"{path!r} names no row ({source.shown})", way_out=f"write {shapes}")
    if field not in model.entity[target].property:
        raise ConfigurationError(
            f"{target} has no field {field!r} ({source.shown})",
            way_out=nearest(field, model.entity[target].property),
        )
    return Lookup(name, target, field)


def _key(entity: Entity, wanted: tuple[str, ...], fields: Mapping[str, Source], file: CsvFile) -> tuple[str, ...]:
    known = [entity.key, *(alternate.properties for alternate in entity.alternate_keys)]
    if wanted:
        missing = [name for name in wanted if name not in fields]
        if missing:
            raise ConfigurationError(
                f"no column fills the key field {missing[0]!r}", where=str(file.path), way_out="map one to it"
            )
        return wanted
    for names in known:
        if all(name in fields for name in names):
            return names
    shown = " or ".join(f"({', '.join(names)})" for names in known)
    raise ConfigurationError(
        f"no key of {entity.set_name} is filled: {shown}",
        where=str(file.path),
        way_out="map columns to one of them, or give it with --set",
    )


def _added(file: CsvFile, column: str) -> bool:
    return is_rejected_file(file.path) and column in REJECTED_COLUMNS
