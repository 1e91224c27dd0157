"""What clients send to define tables, columns, keys and relationships; unknown members are left out, as full
definitions come back with all that was read of them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TypeVar

import msgspec
from msgspec import Struct, field

from p2c.odata.service.dataverse.customizing.refusals import BAD_BODY, bad
from p2c.odata.service.faults import RequestError
from p2c.odata.service.languages import LCIDS, SOURCE

MAX_BODY = 1024 * 1024
_TYPE = re.compile(r"#?Microsoft\.Dynamics\.CRM\.(?:Complex)?(?P<kind>\w+?)(?:Attribute|Relationship)Metadata")


class LocalizedLabel(Struct, rename="pascal"):
    """A text in one language."""

    label: str = ""
    language_code: int = 0


class Label(Struct, rename="pascal"):
    """A text in several languages."""

    localized_labels: list[LocalizedLabel] = []
    user_localized_label: LocalizedLabel | None = None

    @property
    def text(self) -> str:
        """The text in the source language, else in the first one."""
        labels = sorted(self.localized_labels, key=lambda item: item.language_code != LCIDS[SOURCE])
        if labels:
            return labels[0].label
        return self.user_localized_label.label if self.user_localized_label is not None else ""


class Managed(Struct, rename="pascal"):
    """A value inside an object of its own."""

    value: str | None = None


class OptionBody(Struct, rename="pascal"):
    """A member of a choice."""

    value: int | None = None
    label: Label | None = None


class OptionSetBody(Struct, rename="pascal"):
    """The members of a choice, or the two answers of a yes-no column."""

    name: str | None = None
    is_global: bool = False
    options: list[OptionBody] = []
    true_option: OptionBody | None = None
    false_option: OptionBody | None = None


class ColumnBody(Struct, rename="pascal"):
    """`AttributeMetadata` of any type."""

    odata_type: str = field(default="", name="@odata.type")
    attribute_type: str = ""
    schema_name: str = ""
    display_name: Label | None = None
    description: Label | None = None
    required_level: Managed | None = None
    max_length: int | None = None
    precision: int | None = None
    min_value: Decimal | None = None
    max_value: Decimal | None = None
    format: str | None = None
    format_name: Managed | None = None
    date_time_behavior: Managed | None = None
    default_value: bool | None = None
    default_form_value: int | None = None
    is_primary_name: bool = False
    option_set: OptionSetBody | None = None
    global_option_set: str | None = field(default=None, name="GlobalOptionSet@odata.bind")

    @property
    def kind(self) -> str:
        """The type, as `AttributeType` names it."""
        return type_word(self.odata_type) or self.attribute_type


class TableBody(Struct, rename="pascal"):
    """`EntityMetadata`."""

    schema_name: str = ""
    entity_set_name: str | None = None
    display_name: Label | None = None
    display_collection_name: Label | None = None
    description: Label | None = None
    ownership_type: str | None = None
    is_activity: bool = False
    primary_name_attribute: str | None = None
    attributes: list[ColumnBody] = []


class TablesBody(Struct, rename="pascal"):
    """Parameters of `CreateEntities`."""

    entities: list[TableBody]


class KeyBody(Struct, rename="pascal"):
    """`EntityKeyMetadata`."""

    schema_name: str = ""
    display_name: Label | None = None
    key_attributes: list[str] = []


class Cascades(Struct, rename="pascal"):
    """What happens to rows when the row that they point at is changed; only deletion makes a difference."""

    delete: str = "RemoveLink"


class RelationshipBody(Struct, rename="pascal"):
    """`OneToManyRelationshipMetadata` with its lookup, or `ManyToManyRelationshipMetadata`."""

    odata_type: str = field(default="", name="@odata.type")
    schema_name: str = ""
    referenced_entity: str = ""
    referencing_entity: str = ""
    cascade_configuration: Cascades = field(default_factory=Cascades)
    lookup: ColumnBody | None = None
    entity1_logical_name: str = ""
    entity2_logical_name: str = ""
    intersect_entity_name: str | None = None
    entity1_navigation_property_name: str | None = None
    entity2_navigation_property_name: str | None = None

    @property
    def kind(self) -> str:
        """`OneToMany` or `ManyToMany`."""
        return type_word(self.odata_type)


_Body = TypeVar("_Body", bound=Struct)


def read_body(body: bytes, shape: type[_Body]) -> _Body:
    """
    The definition in a request.

    Raises:
        RequestError: The body is too large, no JSON, or a member has another type.
    """
    if len(body) > MAX_BODY:
        raise RequestError(413, f"the definition is larger than {MAX_BODY // 1024} KiB; send less at once")
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise bad(f"the body is no definition ({error}); mend it", BAD_BODY) from error


def type_word(text: str) -> str:
    """The word before `AttributeMetadata` or `RelationshipMetadata` in an `@odata.type`; empty for others."""
    found = _TYPE.fullmatch(text)
    return found["kind"] if found is not None else ""


def text_of(label: Label | None, otherwise: str = "") -> str:
    """The text of a label that may be left out."""
    return (label.text if label is not None else "") or otherwise
