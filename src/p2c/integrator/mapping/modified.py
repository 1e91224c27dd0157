"""When a row was last changed."""

from __future__ import annotations

from p2c.edm.entity import Entity
from p2c.edm.values import EdmType

MODIFIED = ("modifiedon", "ModifiedOn", "ModifiedDateTime")
"""Fields that say when a row was last changed, as the three environments call them."""


def modified_field(entity: Entity) -> str:
    """The field that says when rows of the entity were last changed; empty when none does."""
    known = (name for name in MODIFIED if name in entity.property)
    return next((name for name in known if entity.property[name].type is EdmType.DATETIME), "")
