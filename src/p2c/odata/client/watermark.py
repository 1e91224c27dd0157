"""Reads what changed in an entity by the time of its rows' last change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from p2c.edm.entity import Entity
from p2c.edm.values import EdmType
from p2c.odata.client.environment import CheckpointExpiredError
from p2c.odata.client.rows import RowPage
from p2c.odata.query import literal

_FIELDS = ("modifieddatetime", "lastmodifieddatetime", "recordmodifieddatetime")
OVERLAP = timedelta(minutes=10)
"""A row shows the time at which its transaction changed it, and appears when that ends: so much is read again."""
_BEGINNING = datetime(1900, 1, 2, tzinfo=UTC)


def modified_field(entity: Entity) -> str:
    """The field with the time of a row's last change; empty when the entity has none."""
    moments = [item.name for item in entity.properties if item.type is EdmType.DATETIME]
    return next((name for name in moments if name.lower() in _FIELDS), "")


@dataclass(frozen=True, slots=True)
class Watermark:
    """The changes of one entity by a field. `pages` reads rows with columns, a condition and an order of its choice."""

    entity: Entity
    field: str
    pages: Callable[[Entity, Sequence[str], str, str], AsyncIterator[RowPage]]

    @property
    def told(self) -> str:
        """How changes are read, in words."""
        return f"the time in {self.field}: only what has changed is read; deletions by counting"

    async def begin(self) -> str:
        """A checkpoint before everything is read: the last change so far."""
        async for page in self.pages(self.entity, (self.field,), "", f"$orderby={self.field} desc&$top=1"):
            for row in page.rows:
                return self._later(_BEGINNING, row[self.field]).isoformat()
        return _BEGINNING.isoformat()

    async def since(self, names: Sequence[str], checkpoint: str) -> AsyncIterator[RowPage]:
        """
        Pages of rows changed since a checkpoint, a little before it, and the next checkpoint.

        Raises:
            CheckpointExpiredError: The checkpoint is of another kind.
        """
        last = _opened(checkpoint)
        condition = f"{self.field} ge {literal(max(last - OVERLAP, _BEGINNING))}"
        async for page in self.pages(self.entity, (*names, self.field), condition, ""):
            for row in page.rows:
                last = self._later(last, row[self.field])
            yield RowPage(page.rows, [], None, None)
        yield RowPage([], [], None, last.isoformat())

    def _later(self, last: datetime, found: object) -> datetime:
        return max(last, found) if isinstance(found, datetime) else last


def _opened(checkpoint: str) -> datetime:
    try:
        found = datetime.fromisoformat(checkpoint)
        if found.tzinfo is None:
            raise ValueError(checkpoint)
    except ValueError as error:
        raise CheckpointExpiredError("the entity was read in another way before") from error
    return found
