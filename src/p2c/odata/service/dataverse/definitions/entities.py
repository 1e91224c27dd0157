"""Tables and their alternate keys as the metadata tells them."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.edm.entity import AlternateKey, Entity, Model
from p2c.odata.service.dataverse.definitions.attributes import attribute
from p2c.odata.service.dataverse.definitions.definition import (
    ID,
    Definition,
    Json,
    Related,
    Words,
    managed,
    metadata_id,
    schema_name,
)
from p2c.odata.service.dataverse.definitions.relationships import many_to_many, relationships

_FIRST_CUSTOM_TYPE = 10000
"""Object type codes below this are Microsoft's own."""


def entity_definition(model: Model, entity: Entity, words: Words) -> Definition:
    """The definition of one table; its columns, keys and relationships stand behind it."""

    def columns() -> Related:
        numbered = enumerate(entity.properties, start=1)
        return [attribute(model, entity, item, number, words) for number, item in numbered]

    def keys() -> Related:
        return [_key(entity, key, words) for key in entity.alternate_keys]

    def at(end: str) -> list[Definition]:
        return [found for found in relationships(model) if found.values[end] == entity.name]

    def linked() -> Related:
        ends = ("Entity1LogicalName", "Entity2LogicalName")
        return [found for found in many_to_many(model) if entity.name in (found.values[end] for end in ends)]

    related = {
        "Attributes": columns,
        "Keys": keys,
        "OneToManyRelationships": lambda: at("ReferencedEntity"),
        "ManyToOneRelationships": lambda: at("ReferencingEntity"),
        "ManyToManyRelationships": linked,
        "Privileges": list[Definition],
    }
    return Definition(_values(model, entity, words), related, "EntityMetadata")


def _values(model: Model, entity: Entity, words: Words) -> Json:
    custom = entity.custom
    return {
        ID: str(metadata_id("entity", entity.name)),
        "LogicalName": entity.name,
        "SchemaName": custom.schema_name if custom is not None else schema_name(entity.name),
        "EntitySetName": entity.set_name,
        "LogicalCollectionName": entity.set_name,
        "CollectionSchemaName": schema_name(entity.set_name),
        "DisplayName": words.label(entity.label),
        "DisplayCollectionName": words.label(entity.plural),
        "Description": words.label(custom.description if custom is not None else ""),
        "PrimaryIdAttribute": entity.table.primary_key,
        "PrimaryNameAttribute": entity.name_property or None,
        "PrimaryImageAttribute": None,
        "ObjectTypeCode": _FIRST_CUSTOM_TYPE + model.entities.index(entity),
        "OwnershipType": entity.ownership.value,
        "TableType": "Standard",
        "ChangeTrackingEnabled": True,
        "IsOptimisticConcurrencyEnabled": True,
        **dict.fromkeys(_YES, True),
        **dict.fromkeys(_NO, False),
        "IsManaged": custom is None,
        "IsCustomEntity": custom is not None,
        **{name: managed(value, name.lower()) for name, value in _MANAGED.items()},
        "IntroducedVersion": "1.0.0.0",
        "ExternalName": None,
        "ExternalCollectionName": None,
        "DataProviderId": None,
        "DataSourceId": None,
        "Settings": [],
        "HasChanged": None,
    }


def _key(entity: Entity, key: AlternateKey, words: Words) -> Definition:
    return Definition(
        {
            ID: str(metadata_id("key", entity.name, key.name)),
            "LogicalName": key.name.lower(),
            "SchemaName": key.name,
            "EntityLogicalName": entity.name,
            "KeyAttributes": list(key.properties),
            "EntityKeyIndexStatus": "Active",
            "DisplayName": words.label(key.label or key.name),
            "IsCustomizable": managed(True, "iscustomizable"),
            "IsManaged": key.custom is None,
            "IsSecondaryKey": False,
            "IsSynchronous": False,
            "IsExportKey": False,
            "AsyncJob": None,
            "IntroducedVersion": "1.0.0.0",
            "HasChanged": None,
        },
        kind="EntityKeyMetadata",
    )


_YES: Sequence[str] = ("CanTriggerWorkflow", "IsReadingPaneEnabled", "IsEnabledForExternalChannels")
_NO: Sequence[str] = (
    "IsActivity",
    "IsActivityParty",
    "IsAIRUpdated",
    "IsArchivalEnabled",
    "IsAvailableOffline",
    "IsBPFEntity",
    "IsBusinessProcessEnabled",
    "IsChildEntity",
    "IsDocumentManagementEnabled",
    "IsEnabledForCharts",
    "IsImportable",
    "IsIntersect",
    "IsLogicalEntity",
    "IsPrivate",
    "IsRetentionEnabled",
    "IsStateModelAware",
    "HasActivities",
    "HasNotes",
    "HasFeedback",
    "HasEmailAddresses",
    "AutoCreateAccessTeams",
    "EnforceStateTransitions",
    "SyncToExternalSearchIndex",
)
_MANAGED: dict[str, bool] = {
    "IsCustomizable": True,
    "IsRenameable": True,
    "IsMappable": True,
    "IsAuditEnabled": False,
    "IsConnectionsEnabled": False,
    "IsDuplicateDetectionEnabled": False,
    "IsMailMergeEnabled": False,
    "IsOfflineInMobileClient": False,
    "IsReadOnlyInMobileClient": False,
    "IsValidForQueue": False,
    "IsVisibleInMobile": False,
    "IsVisibleInMobileClient": True,
    "CanBeInManyToMany": True,
    "CanBePrimaryEntityInRelationship": True,
    "CanBeRelatedEntityInRelationship": True,
    "CanChangeHierarchicalRelationship": False,
    "CanChangeTrackingBeEnabled": False,
    "CanCreateAttributes": True,
    "CanCreateCharts": False,
    "CanCreateForms": False,
    "CanCreateViews": False,
    "CanEnableSyncToExternalSearchIndex": False,
    "CanModifyAdditionalSettings": False,
}
