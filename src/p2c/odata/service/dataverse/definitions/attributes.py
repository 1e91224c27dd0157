"""Columns as the metadata tells them: one definition a column, of the type that its values have."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from p2c.edm.entity import Entity, Model
from p2c.edm.property import Property, Required
from p2c.edm.values import INT32_RANGE, INT64_RANGE, EdmType
from p2c.odata.service.dataverse.definitions.definition import (
    ID,
    NAMESPACE,
    Definition,
    Json,
    Related,
    Words,
    managed,
    metadata_id,
    schema_name,
)
from p2c.odata.service.dataverse.definitions.option_sets import STATE, global_option_set, is_shared, option_set

_BASE = "_base"
_MEMO_LENGTH = 2000
_MONEY_RANGE = (-922337203685477, 922337203685477)
_DECIMAL_RANGE = (-100000000000, 100000000000)
_ALIKE = {"Owner": "Lookup", "Customer": "Lookup", "Uniqueidentifier": ""}
"""Types whose definitions have another type's shape; an empty one has the plain shape."""


def attribute(model: Model, entity: Entity, item: Property, number: int, words: Words) -> Definition:
    """The definition of one column; `number` is its place in the table."""
    kind = attribute_type(entity, item)
    values = {
        "@odata.type": f"#{NAMESPACE}{shape(kind)}",
        **_plain(entity, item, kind, number, words),
        **_facets(entity, item, kind),
    }
    choices = item.choices
    if choices is None:
        return Definition(values, kind=shape(kind))

    def own() -> Related:
        return option_set(entity, item, choices, words)

    def shared() -> Related:
        return global_option_set(choices, words) if is_shared(item) else None

    return Definition(values, {"OptionSet": own, "GlobalOptionSet": shared}, shape(kind))


def attribute_type(entity: Entity, item: Property) -> str:
    """The `AttributeType` of a column."""
    if item.custom is not None and item.custom.kind:
        return item.custom.kind
    if item.is_lookup:
        if set(item.targets) == {"systemuser", "team"}:
            return "Owner"
        return "Customer" if set(item.targets) == {"account", "contact"} else "Lookup"
    if item.choices is not None and item.type is not EdmType.BOOLEAN:
        if item.name == STATE:
            return "State"
        return "Status" if any(member.state is not None for member in item.choices.members) else "Picklist"
    if item.type is EdmType.STRING:
        return "Memo" if item.max_length is None or item.max_length >= _MEMO_LENGTH else "String"
    if item.type is EdmType.DECIMAL and (item.money or _counted_from(entity, item)):
        return "Money"
    return _TYPES[item.type]


def shape(kind: str) -> str:
    """The metadata type of columns of an `AttributeType`, as casts name it."""
    return f"{_ALIKE.get(kind, kind)}AttributeMetadata"


def _plain(entity: Entity, item: Property, kind: str, number: int, words: Words) -> Json:
    is_key = item.name in entity.key
    custom = item.custom
    writable = not item.read_only and not item.path
    return {
        ID: str(metadata_id("attribute", entity.name, item.name)),
        "LogicalName": item.name,
        "SchemaName": custom.schema_name if custom is not None else schema_name(item.name),
        "EntityLogicalName": entity.name,
        "AttributeType": kind,
        "AttributeTypeName": {"Value": f"{kind}Type"},
        "AttributeOf": None,
        "ColumnNumber": number,
        "DisplayName": words.label(item.label),
        "Description": words.label(custom.description if custom is not None else ""),
        "RequiredLevel": managed(
            Required.SYSTEM.value if is_key else item.required.value,
            "canmodifyrequirementlevelsettings",
            changeable=custom is not None,
        ),
        "IsPrimaryId": is_key,
        "IsPrimaryName": item.name == entity.name_property,
        "IsValidForCreate": writable or is_key,
        "IsValidForUpdate": writable,
        "IsValidForRead": True,
        "IsValidODataAttribute": True,
        "IsRetrievable": True,
        "IsSearchable": False,
        "IsFilterable": False,
        "IsLogical": bool(item.path),
        "IsSecured": False,
        "CanBeSecuredForRead": False,
        "CanBeSecuredForCreate": False,
        "CanBeSecuredForUpdate": False,
        "IsCustomAttribute": custom is not None or ("_" in item.name and not _counted_from(entity, item)),
        "IsManaged": custom is None and entity.custom is None,
        "IsCustomizable": managed(True, "iscustomizable"),
        "IsRenameable": managed(True, "isrenameable"),
        "IsValidForAdvancedFind": managed(True, "canmodifysearchsettings"),
        "IsAuditEnabled": managed(False, "canmodifyauditsettings"),
        "IsGlobalFilterEnabled": managed(False, "canmodifyglobalfiltersettings"),
        "IsSortableEnabled": managed(False, "canmodifyissortablesettings"),
        "CanModifyAdditionalSettings": managed(True, "canmodifyadditionalsettings"),
        "IsDataSourceSecret": False,
        "LinkedAttributeId": None,
        "InheritsFrom": None,
        "SourceType": 0,
        "AutoNumberFormat": "",
        "ExternalName": None,
        "IntroducedVersion": "1.0.0.0",
        "DeprecatedVersion": None,
        "HasChanged": None,
    }


def _facets(entity: Entity, item: Property, kind: str) -> Json:
    """What only columns of this type have."""
    form = item.custom.format if item.custom is not None else ""
    match kind:
        case "String":
            form = form or "Text"
            text = {"FormatName": {"Value": form}, "YomiOf": None, "IsLocalizable": False}
            return {"Format": form, "MaxLength": item.max_length, "ImeMode": "Auto", **text}
        case "Memo":
            form = form or "TextArea"
            text = {"FormatName": {"Value": form}, "IsLocalizable": False}
            return {"Format": form, "MaxLength": item.max_length or 1_048_576, "ImeMode": "Auto", **text}
        case "Integer":
            low, high = _range(item, *INT32_RANGE)
            return {"Format": form or "None", "MinValue": int(low), "MaxValue": int(high)}
        case "BigInt":
            return {"MinValue": INT64_RANGE[0], "MaxValue": INT64_RANGE[1]}
        case "Decimal" | "Double":
            low, high = _range(item, *_DECIMAL_RANGE)
            scale = item.scale if item.scale is not None else 5
            return {"MinValue": float(low), "MaxValue": float(high), "Precision": scale, "ImeMode": "Disabled"}
        case "Money":
            low, high = _range(item, *_MONEY_RANGE)
            base = _counted_from(entity, item)
            ranges = {"MinValue": float(low), "MaxValue": float(high), "Precision": item.scale, "PrecisionSource": 2}
            return {**ranges, "IsBaseCurrency": bool(base), "CalculationOf": base or None, "ImeMode": "Disabled"}
        case "DateTime":
            only = item.type is EdmType.DATE
            behavior = {
                "Value": item.custom.behavior if item.custom is not None else "DateOnly" if only else "UserLocal"
            }
            form = form or ("DateOnly" if only else "DateAndTime")
            return {"Format": form, "DateTimeBehavior": behavior, "ImeMode": "Inactive"}
        case "Boolean":
            return {"DefaultValue": bool(item.default)}
        case "Picklist" | "State" | "Status":
            return {"DefaultFormValue": item.default, "ChildPicklistLogicalNames": []}
        case "Lookup" | "Customer" | "Owner":
            return {"Targets": list(item.targets), "Format": "None"}
    return {}


def _range(item: Property, low: int, high: int) -> tuple[Decimal | int, Decimal | int]:
    """The smallest and the largest value of a number; the platform's own where the column has no bounds."""
    return (low if item.minimum is None else item.minimum, high if item.maximum is None else item.maximum)


def _counted_from(entity: Entity, item: Property) -> str:
    """The amount whose twin in the base currency this is; empty for other columns."""
    name = item.name.removesuffix(_BASE)
    amount = entity.property.get(name) if name != item.name else None
    return name if amount is not None and amount.money else ""


_TYPES: Mapping[EdmType, str] = {
    EdmType.BOOLEAN: "Boolean",
    EdmType.INT32: "Integer",
    EdmType.INT64: "BigInt",
    EdmType.DECIMAL: "Decimal",
    EdmType.DOUBLE: "Double",
    EdmType.DATE: "DateTime",
    EdmType.DATETIME: "DateTime",
    EdmType.GUID: "Uniqueidentifier",
}
