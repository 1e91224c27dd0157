"""When and for whom a query is answered: what `Today` and `EqualUserId` mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """`now` is fixed for the transaction; without a user the environment's first one is meant."""

    now: datetime = EPOCH
    user: UUID | None = None
