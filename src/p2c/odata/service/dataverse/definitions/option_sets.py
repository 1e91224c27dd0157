"""Choice sets as the metadata tells them: options with their numbers and labels."""

from __future__ import annotations

from collections.abc import Iterator

from p2c.edm.entity import Entity, Model
from p2c.edm.property import Choice, Choices, Property
from p2c.edm.values import EdmType
from p2c.odata.service.dataverse.definitions.definition import ID, Definition, Json, Words, managed, metadata_id

STATE, STATUS = "statecode", "statuscode"


def is_shared(item: Property) -> bool:
    """Whether a column's choices have a name of their own, so that several columns may use them."""
    return item.choices is not None and item.choices.name != item.name


def option_set(entity: Entity, item: Property, choices: Choices, words: Words) -> Definition:
    """The choices of a column, whether its own or shared ones."""
    if is_shared(item):
        return global_option_set(choices, words)
    head = _head(f"{entity.name}_{item.name}", words, item.label, is_global=False)
    if item.type is EdmType.BOOLEAN:
        false, true = choices.members
        pair = {"FalseOption": _option(false, words), "TrueOption": _option(true, words)}
        return Definition({**head, "OptionSetType": "Boolean", **pair}, kind="BooleanOptionSetMetadata")
    kind = _kind(item, choices)
    options = [_member(member, words, kind) for member in choices.members]
    return Definition({**head, "OptionSetType": kind, "Options": options}, kind="OptionSetMetadata")


def global_option_set(choices: Choices, words: Words) -> Definition:
    """Choices that several columns share."""
    head = _head(choices.name, words, "", is_global=True)
    options = [_option(member, words) for member in choices.members]
    return Definition({**head, "OptionSetType": "Picklist", "Options": options}, kind="OptionSetMetadata")


def shared_choices(model: Model) -> Iterator[Choices]:
    """The shared choice sets of a model, each once, by name."""
    found = {
        item.choices.name: item.choices
        for entity in model.entities
        for item in entity.properties
        if item.choices is not None and is_shared(item)
    }
    yield from (found[name] for name in sorted(found))


def _kind(item: Property, choices: Choices) -> str:
    if item.name == STATE:
        return "State"
    return "Status" if any(member.state is not None for member in choices.members) else "Picklist"


def _head(name: str, words: Words, label: str, *, is_global: bool) -> Json:
    return {
        ID: str(metadata_id("optionset", name)),
        "Name": name,
        "DisplayName": words.label(label),
        "Description": words.label(""),
        "IsCustomOptionSet": "_" in name and is_global,
        "IsGlobal": is_global,
        "IsManaged": True,
        "IsCustomizable": managed(True, "iscustomizable"),
        "ExternalTypeName": None,
        "IntroducedVersion": "1.0.0.0",
        "ParentOptionSetName": None,
        "HasChanged": None,
    }


def _option(member: Choice, words: Words) -> Json:
    return {
        "Value": member.value,
        "Label": words.label(member.label),
        "Description": words.label(""),
        "Color": None,
        "ExternalValue": "",
        "IsManaged": True,
        "IsHidden": False,
        "Tag": None,
        "ParentValues": [],
        ID: None,
        "HasChanged": None,
    }


def _member(member: Choice, words: Words, kind: str) -> Json:
    """An option; a status reason names the state that it belongs to, and a state its invariant name."""
    option = _option(member, words)
    if kind == "Status":
        option |= {
            "@odata.type": "#Microsoft.Dynamics.CRM.StatusOptionMetadata",
            "State": member.state,
            "TransitionData": None,
        }
    elif kind == "State":
        option |= {
            "@odata.type": "#Microsoft.Dynamics.CRM.StateOptionMetadata",
            "DefaultStatus": None,
            "InvariantName": member.name,
        }
    return option
