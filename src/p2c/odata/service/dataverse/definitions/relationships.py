"""Relationships as the metadata tells them: every lookup to every target is one; others link rows any to any."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from p2c.edm.entity import Entity, ManyToMany, Model
from p2c.edm.property import Property
from p2c.odata.service.dataverse.definitions.definition import ID, Definition, Json, managed, relationship_id

KIND = "OneToManyRelationshipMetadata"
MANY = "ManyToManyRelationshipMetadata"
_MENU: Json = {
    "Behavior": "DoNotDisplay",
    "Group": "Details",
    "Order": None,
    "IsCustomizable": True,
    "Label": {"LocalizedLabels": [], "UserLocalizedLabel": None},
}
_CASCADES: Mapping[str, str] = {
    "Assign": "NoCascade",
    "Archive": "RemoveLink",
    "Merge": "NoCascade",
    "Reparent": "NoCascade",
    "Share": "NoCascade",
    "Unshare": "NoCascade",
    "RollupView": "NoCascade",
}


def relationships(model: Model) -> Iterator[Definition]:
    """The one-to-many relationships, by the entity that has the lookup."""
    for entity in model.entities:
        for item in entity.lookups:
            for target, navigation in zip(item.targets, item.navigations, strict=True):
                yield Definition(_values(model.entity[target], entity, item, navigation), kind=KIND)


def many_to_many(model: Model) -> Iterator[Definition]:
    """The relationships that link rows any to any."""
    for link in model.many_to_many:
        yield Definition(_link_values(link), kind=MANY)


def _link_values(link: ManyToMany) -> Json:
    return {
        ID: str(relationship_id(link.name)),
        "SchemaName": link.name,
        "RelationshipType": "ManyToManyRelationship",
        "Entity1LogicalName": link.first.entity,
        "Entity1IntersectAttribute": link.first.column,
        "Entity1NavigationPropertyName": link.first.navigation,
        "Entity1AssociatedMenuConfiguration": dict(_MENU),
        "Entity2LogicalName": link.second.entity,
        "Entity2IntersectAttribute": link.second.column,
        "Entity2NavigationPropertyName": link.second.navigation,
        "Entity2AssociatedMenuConfiguration": dict(_MENU),
        "IntersectEntityName": link.table.name,
        "IsCustomRelationship": True,
        "IsCustomizable": managed(True, "iscustomizable"),
        "IsManaged": False,
        "IsValidForAdvancedFind": True,
        "SecurityTypes": "None",
        "IntroducedVersion": "1.0.0.0",
        "HasChanged": None,
    }


def _values(target: Entity, entity: Entity, item: Property, navigation: str) -> Json:
    name = item.inverse(entity.name, target.name)
    return {
        ID: str(relationship_id(name)),
        "SchemaName": name,
        "RelationshipType": "OneToManyRelationship",
        "ReferencedEntity": target.name,
        "ReferencedAttribute": target.table.primary_key,
        "ReferencedEntityNavigationPropertyName": name,
        "ReferencingEntity": entity.name,
        "ReferencingAttribute": item.name,
        "ReferencingEntityNavigationPropertyName": navigation,
        "CascadeConfiguration": {**_CASCADES, "Delete": item.on_delete.value},
        "AssociatedMenuConfiguration": dict(_MENU),
        "IsHierarchical": False,
        "IsCustomRelationship": item.custom is not None or "_" in item.name,
        "IsCustomizable": managed(False, "iscustomizable"),
        "IsManaged": item.custom is None,
        "IsValidForAdvancedFind": True,
        "SecurityTypes": "Append",
        "RelationshipBehavior": 0,
        "IntroducedVersion": "1.0.0.0",
        "EntityKey": None,
        "HasChanged": None,
    }
