"""What all parts of the store share: the engine, its transactions, and the numbers of legs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

from p2c.database.connect import translated
from p2c.integrator.outcome import LegKey

_FIND_LEG = text("SELECT id FROM leg WHERE project = :project AND task = :task AND leg = :leg")
_ADD_LEG = text("INSERT INTO leg (project, task, leg) VALUES (:project, :task, :leg) ON CONFLICT DO NOTHING")


class Transactions:
    """An engine, and a transaction at a time on it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._leg_ids: dict[LegKey, int] = {}

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        with translated(), self._engine.begin() as connection:
            yield connection

    def _leg_id(self, leg: LegKey) -> int:
        """The number that stands for a leg; given at its first use, in a transaction of its own."""
        known = self._leg_ids.get(leg)
        if known is None:
            with self._begin() as connection:
                connection.execute(_ADD_LEG, leg._asdict())
                known = int(connection.execute(_FIND_LEG, leg._asdict()).scalar_one())
            self._leg_ids[leg] = known
        return known
