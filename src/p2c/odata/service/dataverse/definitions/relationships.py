"""Relationships as the metadata tells them: every lookup to every target is one, one-to-many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest

from p2c.edm.entity import Entity, Model
from p2c.edm.property import Property
from p2c.odata.service.dataverse.definitions.definition import ID, Definition, Json, managed, metadata_id

KIND = "OneToManyRelationshipMetadata"
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
    """All relationships, by the entity that has the lookup."""
    for entity in model.entities:
        for item in entity.lookups:
            for target, navigation, inverse in zip_longest(item.targets, item.navigations, item.inverses, fillvalue=""):
                yield Definition(_values(model.entity[target], entity, item, navigation, inverse), kind=KIND)


def _values(target: Entity, entity: Entity, item: Property, navigation: str, inverse: str) -> Json:
    name = inverse or f"{target.name}_{entity.name}_{item.name}"
    return {
        ID: str(metadata_id("relationship", target.name, entity.name, item.name)),
        "SchemaName": name,
        "RelationshipType": "OneToManyRelationship",
        "ReferencedEntity": target.name,
        "ReferencedAttribute": target.table.primary_key,
        "ReferencedEntityNavigationPropertyName": inverse,
        "ReferencingEntity": entity.name,
        "ReferencingAttribute": item.name,
        "ReferencingEntityNavigationPropertyName": navigation,
        "CascadeConfiguration": {**_CASCADES, "Delete": item.on_delete.value},
        "AssociatedMenuConfiguration": {
            "Behavior": "DoNotDisplay",
            "Group": "Details",
            "Order": None,
            "IsCustomizable": True,
            "Label": {"LocalizedLabels": [], "UserLocalizedLabel": None},
        },
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
