"""Reads a service's CSDL into a model: what entities an environment has, learnt from the environment itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

from p2c.edm.entity import AlternateKey, Entity, Model, Table
from p2c.edm.property import Choice, Choices, Property, Required
from p2c.edm.values import EdmType
from p2c.errors import StopError

_EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
_TYPES = {kind.value: kind for kind in EdmType if kind is not EdmType.ENUM}
_COMPUTED = ("Org.OData.Core.V1.Computed", "Org.OData.Core.V1.Permissions")


def parse_csdl(xml: bytes, name: str) -> Model:
    """
    The model that a `$metadata` document describes; properties of unknown types are left out.

    Raises:
        StopError: The document is no CSDL.
    """
    try:
        root = ElementTree.fromstring(xml)
    except ElementTree.ParseError as error:
        raise StopError(f"$metadata is no XML ({error})", where=name) from error
    schemas = list(root.iter(f"{_EDM}Schema"))
    if not schemas:
        raise StopError("$metadata holds no schema", where=name)
    namespace = schemas[0].get("Namespace", "")
    enums = {
        f"{schema.get('Namespace')}.{item.get('Name')}": _choices(item)
        for schema in schemas
        for item in schema.iter(f"{_EDM}EnumType")
    }
    sets = {
        str(item.get("EntityType", "")).rpartition(".")[2]: item
        for schema in schemas
        for item in schema.iter(f"{_EDM}EntitySet")
    }
    entities = tuple(
        _entity(item, sets[item.get("Name", "")], enums)
        for schema in schemas
        for item in schema.iter(f"{_EDM}EntityType")
        if item.get("Name") in sets
    )
    return Model(name, namespace, entities, tuple(entity.table for entity in entities))


def _entity(item: ElementTree.Element, entity_set: ElementTree.Element, enums: Mapping[str, Choices]) -> Entity:
    name = item.get("Name", "")
    lookups = _lookups(item)
    key = tuple(part.get("Name", "") for part in item.iter(f"{_EDM}PropertyRef"))
    properties = tuple(_properties(item, lookups, enums, key))
    table = Table(name, properties, key[0] if key else "")
    return Entity(
        name=name,
        set_name=entity_set.get("Name", ""),
        label=name,
        plural=entity_set.get("Name", ""),
        properties=properties,
        key=key,
        table=table,
        alternate_keys=tuple(_alternate_keys(item)),
        writable=not any(
            part.get("Property") == "Insertable" and part.get("Bool") == "false"
            for part in entity_set.iter(f"{_EDM}PropertyValue")
        ),
    )


def _lookups(item: ElementTree.Element) -> dict[str, list[tuple[str, str]]]:
    """`_x_value` properties to their navigation properties and target entities.

    Finance and Operations ties ordinary fields to other entities, which makes no lookups of them.
    """
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for navigation in item.iter(f"{_EDM}NavigationProperty"):
        constraint = navigation.find(f"{_EDM}ReferentialConstraint")
        name = constraint.get("Property", "") if constraint is not None else ""
        if name.startswith("_") and name.endswith("_value"):
            target = navigation.get("Type", "").rpartition(".")[2]
            found[name].append((navigation.get("Name", ""), target))
    return found


def _properties(
    item: ElementTree.Element,
    lookups: Mapping[str, list[tuple[str, str]]],
    enums: Mapping[str, Choices],
    key: tuple[str, ...],
) -> Iterator[Property]:
    for part in item.findall(f"{_EDM}Property"):
        name, kind_name = part.get("Name", ""), part.get("Type", "")
        choices = enums.get(kind_name)
        kind = EdmType.ENUM if choices is not None else _TYPES.get(kind_name)
        if kind is None:
            continue
        computed = any(note.get("Term") in _COMPUTED for note in part.iter(f"{_EDM}Annotation"))
        length = part.get("MaxLength", "")
        required = part.get("Nullable") == "false" and name not in key
        targets = lookups.get(name, [])
        yield Property(
            name=name[1:-6] if targets else name,
            type=kind,
            label=name,
            max_length=int(length) if length.isdecimal() else None,
            required=Required.SYSTEM if required else Required.NONE,
            read_only=computed and not targets,
            choices=choices,
            targets=tuple(target for _, target in targets),
            navigations=tuple(navigation for navigation, _ in targets),
        )


def _alternate_keys(item: ElementTree.Element) -> Iterator[AlternateKey]:
    for number, record in enumerate(item.iter(f"{_EDM}Record")):
        if not record.get("Type", "").endswith(".AlternateKey"):
            continue
        names = [
            value.get("PropertyPath", "")
            for value in record.iter(f"{_EDM}PropertyValue")
            if value.get("Property") == "Name"
        ]
        plain = tuple(name[1:-6] if name.startswith("_") and name.endswith("_value") else name for name in names)
        yield AlternateKey(f"key{number}", plain)


def _choices(item: ElementTree.Element) -> Choices:
    members = tuple(
        Choice(int(member.get("Value") or place), member.get("Name", ""), member.get("Name", ""))
        for place, member in enumerate(item.findall(f"{_EDM}Member"))
    )
    return Choices(item.get("Name", ""), members)
