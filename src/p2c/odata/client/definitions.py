"""What `$metadata` does not tell of an entity: which fields are required or read-only, and the choices of lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

import msgspec

from p2c.edm.entity import Entity
from p2c.edm.property import Choice, Choices, Required
from p2c.errors import StopError
from p2c.odata.client.dataverse import DataverseEnvironment
from p2c.odata.client.fno import FnoEnvironment
from p2c.odata.query import literal

_CHOICES = ("Picklist", "State", "Status")
_Body = TypeVar("_Body")


class _Level(msgspec.Struct):
    Value: str = Required.NONE.value


class _Attribute(msgspec.Struct):
    LogicalName: str
    RequiredLevel: _Level
    IsValidForCreate: bool = True
    IsValidForUpdate: bool = True


class _Attributes(msgspec.Struct):
    value: list[_Attribute]


class _Text(msgspec.Struct):
    Label: str = ""


class _Label(msgspec.Struct):
    UserLocalizedLabel: _Text | None = None


class _Option(msgspec.Struct):
    Value: int
    Label: _Label


class _OptionSet(msgspec.Struct):
    Options: list[_Option]


class _List(msgspec.Struct):
    LogicalName: str
    OptionSet: _OptionSet | None = None


class _Lists(msgspec.Struct):
    value: list[_List]


class _PublicProperty(msgspec.Struct):
    Name: str
    IsMandatory: bool = False
    AllowEdit: bool = True
    AllowEditOnCreate: bool = True


class _PublicEntity(msgspec.Struct):
    Properties: list[_PublicProperty]
    IsReadOnly: bool = False


async def dataverse_entity(environment: DataverseEnvironment, entity: Entity) -> Entity:
    """
    The entity with required levels, what may be written, and choices, by its definition.

    Raises:
        StopError: The environment refuses its definitions.
    """
    base = f"EntityDefinitions(LogicalName={literal(entity.name)})/Attributes"
    select = "$select=LogicalName,RequiredLevel,IsValidForCreate,IsValidForUpdate"
    known = _decoded(await environment.get(f"{base}?{select}"), _Attributes, environment.where).value
    attributes = {item.LogicalName: item for item in known}
    lists: dict[str, Choices] = {}
    for kind in _CHOICES:
        path = f"{base}/Microsoft.Dynamics.CRM.{kind}AttributeMetadata?$select=LogicalName&$expand=OptionSet"
        lists |= _lists(_decoded(await environment.get(path), _Lists, environment.where))
    properties = tuple(
        replace(
            item,
            required=Required(attributes[item.name].RequiredLevel.Value),
            read_only=not (attributes[item.name].IsValidForCreate or attributes[item.name].IsValidForUpdate),
            choices=lists.get(item.name, item.choices),
        )
        if item.name in attributes
        else item
        for item in entity.properties
    )
    return replace(entity, properties=properties)


async def fno_entity(environment: FnoEnvironment, entity: Entity) -> Entity:
    """
    The entity with what is mandatory and what may be written, by its public definition.

    Raises:
        StopError: The environment refuses its definitions.
    """
    path = environment.metadata_url(f"PublicEntities({literal(entity.name)})")
    told = _decoded(await environment.get(path), _PublicEntity, environment.where)
    public = {item.Name: item for item in told.Properties}
    properties = tuple(
        replace(
            item,
            required=Required.SYSTEM if public[item.name].IsMandatory else Required.NONE,
            read_only=not (public[item.name].AllowEdit or public[item.name].AllowEditOnCreate),
        )
        if item.name in public
        else item
        for item in entity.properties
    )
    return replace(entity, properties=properties, writable=not told.IsReadOnly)


def _lists(told: _Lists) -> Mapping[str, Choices]:
    return {
        item.LogicalName: Choices(
            item.LogicalName,
            tuple(Choice(option.Value, label := _shown(option), label) for option in item.OptionSet.Options),
        )
        for item in told.value
        if item.OptionSet is not None
    }


def _shown(option: _Option) -> str:
    label = option.Label.UserLocalizedLabel
    return label.Label if label is not None else ""


def _decoded(body: bytes, kind: type[_Body], where: str) -> _Body:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise StopError(f"the definitions cannot be read ({error})", where=where) from error
