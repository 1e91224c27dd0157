"""What sample data is handed over in: rows by entity set, and a list of those that are wrong on purpose."""

from __future__ import annotations

from dataclasses import dataclass

SEED = 2017


@dataclass(frozen=True, slots=True)
class SampleSet:
    """
    Rows of one entity set, in the form of the public API; sets are loaded in the order they are given.

    Amounts are Decimals (JSON numbers), dates and GUIDs text. `key` names the properties that address a row.
    No row refers to another row of its own set, so that a set may be sent as one batch.
    """

    entity_set: str
    key: tuple[str, ...]
    rows: list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class WrongRow:
    """
    A row that its service accepts and the flow rejects, leaves or mends: the one whose `field` is `value`.

    `code` is the reject code on the way through the Common Data Service. Empty: the row is not rejected,
    because the flow does not take it up or because a default mends it; `what` says which.
    """

    what: str
    entity_set: str
    field: str
    value: str
    code: str
