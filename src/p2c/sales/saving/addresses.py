"""Keeps composite address columns in step with their parts."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.edm.change import Change
from p2c.sales.rules.address import composite, part_columns


def fill_composites(changes: Sequence[Change], *prefixes: str) -> None:
    """Rebuild `<prefix>_composite` of the rows whose address changes."""
    for prefix in prefixes:
        columns = part_columns(prefix)
        for change in changes:
            if not change.values.keys().isdisjoint(columns):
                change.values[f"{prefix}_composite"] = composite(prefix, change.get)
