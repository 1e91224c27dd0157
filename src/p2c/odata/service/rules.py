"""What a room hangs on its tables: rules that see every write, many rows at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from p2c.database.session import Session
from p2c.edm.change import Change, Problem
from p2c.edm.values import Row


class TableRules(Protocol):
    """The business rules of one table. A single row is a batch of one."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Complete values and refuse rows. Called before anything is written, in request order."""

    def after_save(self, changes: Sequence[Change], session: Session) -> None:
        """Follow-up writes, in the same transaction, for the accepted changes only."""

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Say for each stored row why it may not be deleted (None: it may); cascades happen here."""


class NoRules:
    """A table without rules of its own."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Nothing to complete."""

    def after_save(self, changes: Sequence[Change], session: Session) -> None:
        """Nothing to follow up."""

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Every row may go."""
        return [None] * len(rows)
