"""The items that `/metadata` lists: how a data entity, a public entity and an enumeration look in JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from p2c.edm.entity import Entity, Relation
from p2c.edm.property import Choices, Property
from p2c.edm.values import EdmType
from p2c.odata.service.fno.actions import NAMESPACE, FnoAction
from p2c.odata.service.fno.labels import Labels

_DATA_TYPE: Mapping[EdmType, str] = {
    EdmType.STRING: "String",
    EdmType.BOOLEAN: "Boolean",
    EdmType.INT32: "Int32",
    EdmType.INT64: "Int64",
    EdmType.DECIMAL: "Real",
    EdmType.DOUBLE: "Real",
    EdmType.DATE: "Date",
    EdmType.DATETIME: "UtcDateTime",
    EdmType.GUID: "Guid",
    EdmType.ENUM: "Enum",
}

_EQUAL_VALUES = "#Microsoft.Dynamics.Metadata.RelatedPropertyConstraint"


@dataclass(frozen=True, slots=True)
class DataEntityFacts:
    """What the definition of an entity does not say: its name in the application, and what kind of data it has."""

    name: str
    category: str = "Master"
    data_management: bool = True


def data_entity(entity: Entity, facts: DataEntityFacts, labels: Labels) -> dict[str, object]:
    """An item of `DataEntities`."""
    return {
        "Name": facts.name,
        "PublicEntityName": entity.name,
        "PublicCollectionName": entity.set_name,
        "LabelId": labels.id(entity.label),
        "DataServiceEnabled": True,
        "DataManagementEnabled": facts.data_management,
        "EntityCategory": facts.category,
        "IsReadOnly": not entity.writable,
    }


def public_entity(entity: Entity, actions: Sequence[FnoAction], labels: Labels) -> dict[str, object]:
    """An item of `PublicEntities`."""
    return {
        "Name": entity.name,
        "EntitySetName": entity.set_name,
        "LabelId": labels.id(entity.label),
        "IsReadOnly": not entity.writable,
        "ConfigurationEnabled": True,
        "Properties": [_property(entity, item, labels) for item in entity.properties],
        "NavigationProperties": [_relation(relation) for relation in entity.relations],
        "PropertyGroups": [],
        "Actions": [_action(entity, action) for action in actions],
    }


def enumeration(choices: Choices, labels: Labels) -> dict[str, object]:
    """An item of `PublicEnumerations`."""
    return {
        "Name": choices.name,
        "LabelId": labels.id(choices.name),
        "Members": [
            {
                "Name": member.name,
                "Value": member.value,
                "LabelId": labels.id(member.label),
                "ConfigurationEnabled": True,
            }
            for member in choices.members
        ],
    }


def _property(entity: Entity, item: Property, labels: Labels) -> dict[str, object]:
    key = item.name in entity.key
    editable = entity.writable and not item.read_only
    kind = item.type.value
    if item.type is EdmType.ENUM and item.choices is not None:
        kind = f"{NAMESPACE}.{item.choices.name}"
    return {
        "Name": item.name,
        "TypeName": kind,
        "DataType": _DATA_TYPE[item.type],
        "LabelId": labels.id(item.label),
        "IsKey": key,
        "IsMandatory": item.required.mandatory,
        "ConfigurationEnabled": True,
        "AllowEdit": editable and not key,
        "AllowEditOnCreate": editable,
        "IsDimension": False,
        "DimensionRelation": None,
        "IsDynamicDimension": False,
        "DimensionLegalEntityProperty": None,
        "DimensionTypeProperty": None,
    }


def _relation(relation: Relation) -> dict[str, object]:
    return {
        "Name": relation.name,
        "RelatedEntity": relation.target,
        "RelatedRelationName": relation.partner or None,
        "Cardinality": "Multiple" if relation.many else "Single",
        "Constraints": [
            {"@odata.type": _EQUAL_VALUES, "Property": own, "RelatedProperty": other} for own, other in relation.on
        ],
    }


def _action(entity: Entity, action: FnoAction) -> dict[str, object]:
    bound = {"TypeName": f"{NAMESPACE}.{entity.name}", "IsCollection": action.binding.name == "SET"}
    own = {"Name": entity.set_name if action.binding.name == "SET" else entity.name, "Type": bound}
    returns = None
    if action.returns is not None:
        returns = {"TypeName": action.returns.value, "IsCollection": action.many}
    return {
        "Name": action.name,
        "BindingKind": action.binding.value,
        "Parameters": [
            own,
            *(
                {"Name": item.name, "Type": {"TypeName": item.type.value, "IsCollection": False}}
                for item in action.parameters
            ),
        ],
        "ReturnType": returns,
        "FieldLookup": None,
    }
