"""Source ids as what they were made of: the parts of a row's key."""

from __future__ import annotations

from p2c.edm.entity import Entity
from p2c.edm.values import EdmType
from p2c.integrator.engine.ends import SEPARATOR


class RowKeys:
    """Takes the ids of one entity's rows apart; `column` is the part of the key that rows are asked for by."""

    def __init__(self, entity: Entity) -> None:
        self._parts = len(entity.key)
        # Texts can be asked for as they stand; the last part tells more rows apart than a company.
        texts = [place for place, name in enumerate(entity.key) if entity.property[name].type is EdmType.STRING]
        self._place = texts[-1] if texts else 0
        self.column = entity.key[self._place]

    def value(self, identifier: str) -> str | None:
        """A row's value of the column; None when a separator stands within a part, and nobody can tell."""
        parts = identifier.split(SEPARATOR)
        return parts[self._place] if len(parts) == self._parts else None
