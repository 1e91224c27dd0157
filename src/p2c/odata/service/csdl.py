"""Describes a model as CSDL 4.0, the XML that `$metadata` answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.sax.saxutils import quoteattr

from p2c.edm.entity import Entity, Model, Relation
from p2c.edm.property import Choices, Property
from p2c.edm.values import EdmType
from p2c.odata.service.dialect import ReadStyle
from p2c.odata.source import collection_targets

_VARIABLE_SCALE = "Variable"


def csdl(model: Model, style: ReadStyle, container: str, operations: Iterable[str] = ()) -> str:
    """
    The schema of all entities, with enums where members are sent by name, and the entity sets.

    `operations` are the elements of the service's actions.
    """
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>',
        f'<Schema Namespace={quoteattr(model.namespace)} xmlns="http://docs.oasis-open.org/odata/ns/edm">',
    ]
    lines.extend(line for choices in _enums(model) for line in _enum(choices))
    for entity in model.entities:
        lines.extend(_entity_type(model, entity, style))
    lines.extend(operations)
    lines.append(f"<EntityContainer Name={quoteattr(container)}>")
    for entity in model.entities:
        lines.extend(_entity_set(model, entity, style))
    lines.append("</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>")
    return "\n".join(lines)


def _enums(model: Model) -> Iterable[Choices]:
    found: dict[str, Choices] = {}
    for entity in model.entities:
        for item in entity.properties:
            if item.type is EdmType.ENUM and item.choices is not None:
                found[item.choices.name] = item.choices
    return [found[name] for name in sorted(found)]


def _enum(choices: Choices) -> Iterator[str]:
    yield f"<EnumType Name={quoteattr(choices.name)}>"
    for member in choices.members:
        yield f'<Member Name={quoteattr(member.name)} Value="{member.value}"/>'
    yield "</EnumType>"


def _entity_type(model: Model, entity: Entity, style: ReadStyle) -> Iterator[str]:
    yield f"<EntityType Name={quoteattr(entity.name)}><Key>"
    yield from (f"<PropertyRef Name={quoteattr(name)}/>" for name in entity.key)
    yield "</Key>"
    for item in entity.properties:
        if not item.is_lookup:
            yield _property(model, item, item.name, item.name in entity.key)
        elif style.lookups:
            yield _property(model, item, f"_{item.name}_value", False)
    if style.lookups:
        yield from _navigations(model, entity)
    else:
        yield from (_relation(model, relation) for relation in entity.relations)
    yield from _alternate_keys(entity)
    yield "</EntityType>"


def _property(model: Model, item: Property, name: str, key: bool) -> str:
    kind = item.type.value
    if item.type is EdmType.ENUM and item.choices is not None:
        kind = f"{model.namespace}.{item.choices.name}"
    facets = [f"Name={quoteattr(name)}", f"Type={quoteattr(kind)}"]
    if key or (item.required.mandatory and not item.is_lookup):
        facets.append('Nullable="false"')
    if item.max_length is not None:
        facets.append(f'MaxLength="{item.max_length}"')
    if item.type is EdmType.DECIMAL:
        facets.append(f'Scale="{_VARIABLE_SCALE}"')
    # Who creates a row may choose its GUID; only numbers that the service counts are its own.
    chosen = key and item.type is EdmType.GUID
    if (item.read_only and not chosen) or item.is_lookup:
        computed = '<Annotation Term="Org.OData.Core.V1.Computed" Bool="true"/>'
        return f"<Property {' '.join(facets)}>{computed}</Property>"
    return f"<Property {' '.join(facets)}/>"


def _navigations(model: Model, entity: Entity) -> Iterator[str]:
    for name, (lookup, target) in entity.navigation.items():
        other = model.entity[target].table.primary_key
        yield (
            f"<NavigationProperty Name={quoteattr(name)} Type={quoteattr(f'{model.namespace}.{target}')}>"
            f"<ReferentialConstraint Property={quoteattr(f'_{lookup.name}_value')} "
            f"ReferencedProperty={quoteattr(other)}/></NavigationProperty>"
        )
    for name, child in collection_targets(model, entity).items():
        kind = f"Collection({model.namespace}.{child.name})"
        yield f"<NavigationProperty Name={quoteattr(name)} Type={quoteattr(kind)}/>"


def _relation(model: Model, relation: Relation) -> str:
    target = f"{model.namespace}.{relation.target}"
    kind = f"Collection({target})" if relation.many else target
    partner = f" Partner={quoteattr(relation.partner)}" if relation.partner else ""
    start = f"<NavigationProperty Name={quoteattr(relation.name)} Type={quoteattr(kind)}{partner}"
    if relation.many:
        return f"{start}/>"
    pairs = (
        f"<ReferentialConstraint Property={quoteattr(own)} ReferencedProperty={quoteattr(other)}/>"
        for own, other in relation.on
    )
    return f"{start}>{''.join(pairs)}</NavigationProperty>"


def _alternate_keys(entity: Entity) -> Iterator[str]:
    if not entity.alternate_keys:
        return
    yield '<Annotation Term="OData.Community.Keys.V1.AlternateKeys"><Collection>'
    for key in entity.alternate_keys:
        yield '<Record Type="OData.Community.Keys.V1.AlternateKey"><PropertyValue Property="Key"><Collection>'
        for name in key.properties:
            path = f"_{name}_value" if entity.property[name].is_lookup else name
            yield (
                '<Record Type="OData.Community.Keys.V1.PropertyRef">'
                f'<PropertyValue Property="Alias" String={quoteattr(path)}/>'
                f'<PropertyValue Property="Name" PropertyPath={quoteattr(path)}/></Record>'
            )
        yield "</Collection></PropertyValue></Record>"
    yield "</Collection></Annotation>"


def _entity_set(model: Model, entity: Entity, style: ReadStyle) -> Iterator[str]:
    kind = f"{model.namespace}.{entity.name}"
    yield f"<EntitySet Name={quoteattr(entity.set_name)} EntityType={quoteattr(kind)}>"
    reached = {relation.name: model.entity[relation.target] for relation in entity.relations}
    if style.lookups:
        reached = {name: model.entity[target] for name, (_, target) in entity.navigation.items()}
        reached.update(collection_targets(model, entity))
    for name, other in reached.items():
        yield f"<NavigationPropertyBinding Path={quoteattr(name)} Target={quoteattr(other.set_name)}/>"
    if not entity.writable:
        yield (
            '<Annotation Term="Org.OData.Capabilities.V1.InsertRestrictions"><Record>'
            '<PropertyValue Property="Insertable" Bool="false"/></Record></Annotation>'
        )
    yield "</EntitySet>"
