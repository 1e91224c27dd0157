"""Many-to-many relationships added to an environment and taken away."""

from __future__ import annotations

from p2c.edm.customization import Customization, CustomLink
from p2c.edm.entity import Entity
from p2c.odata.service.dataverse.customizing.bodies import RelationshipBody
from p2c.odata.service.dataverse.customizing.edition import Edition
from p2c.odata.service.dataverse.customizing.names import RELATIONSHIP_LENGTH, checked_name, unused
from p2c.odata.service.dataverse.customizing.refusals import NAME_TAKEN, RELATIONSHIP_TAKEN, UNSUPPORTED, bad
from p2c.odata.service.dataverse.customizing.table_columns import existing_table, relationship_names
from p2c.odata.source import collection_targets


def add_link(edition: Edition, body: RelationshipBody) -> Customization:
    """
    The customization with a new many-to-many relationship.

    Raises:
        RequestError: A name is taken or not allowed, or a table does not exist.
    """
    name = checked_name(body.schema_name, "relationship", RELATIONSHIP_LENGTH)
    first = existing_table(edition, body.entity1_logical_name)
    second = existing_table(edition, body.entity2_logical_name)
    if first is second:
        raise bad(f"relationship '{name}': a table cannot be linked with itself here; use two tables", UNSUPPORTED)
    unused(name, relationship_names(edition), "relationship", RELATIONSHIP_TAKEN)
    links = checked_name(body.intersect_entity_name or name, "intersect table").lower()
    unused(links, {*edition.model.entity, *edition.model.table}, "table", NAME_TAKEN)
    first_navigation = body.entity1_navigation_property_name or name
    second_navigation = body.entity2_navigation_property_name or name
    for entity, navigation in ((first, first_navigation), (second, second_navigation)):
        _check_navigation(edition, entity, navigation)
    link = CustomLink(
        schema_name=name,
        links=links,
        first=first.name,
        second=second.name,
        first_navigation=first_navigation,
        second_navigation=second_navigation,
    )
    return edition.customization.with_parts(link)


def _check_navigation(edition: Edition, entity: Entity, name: str) -> None:
    checked_name(name, "navigation property", RELATIONSHIP_LENGTH)
    taken = {*entity.property, *entity.navigation, *collection_targets(edition.model, entity)}
    unused(name, taken, f"navigation property of '{entity.name}'", RELATIONSHIP_TAKEN)
