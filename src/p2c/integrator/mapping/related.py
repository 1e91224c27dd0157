"""Values in other rows: what to read beside a source row, and what to find for a destination row."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RelatedTarget:
    """One entity that a lookup may point at, and the field of it that counts.

    `navigation` is the lookup's navigation property for this entity (what `$expand` and `@odata.bind` name).
    """

    entity: str
    entity_set: str
    navigation: str
    field: str


@dataclass(frozen=True, slots=True)
class RelatedField:
    """A value that the reader puts into the source row under `name`.

    It is the target's `field` of the row that `lookup` points at; None when the lookup is empty or points at
    an entity that is not among `targets`.
    """

    name: str
    lookup: str
    targets: tuple[RelatedTarget, ...]


@dataclass(frozen=True, slots=True)
class DestinationLookup:
    """A value of the mapped row, under `to`, that names the row `lookup` must point at.

    The targets are searched in order for the row whose `field` has the value; when none has it, the row is
    rejected with `code`. A value of None clears the lookup.
    """

    to: str
    lookup: str
    targets: tuple[RelatedTarget, ...]
    code: str
