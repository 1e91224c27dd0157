"""The integrator's own database: what is set up, what ran, and what every leg remembers of its rows."""

from __future__ import annotations

from sqlalchemy import Engine

from p2c.database.migrate import migrate
from p2c.integrator.store.channels import Channels
from p2c.integrator.store.claims import StoredClaims
from p2c.integrator.store.definitions import Definitions
from p2c.integrator.store.fields import EntityFields
from p2c.integrator.store.gates import Gates
from p2c.integrator.store.history import History
from p2c.integrator.store.judging import Judging
from p2c.integrator.store.lost_fields import LostFields
from p2c.integrator.store.matches import Matches
from p2c.integrator.store.parts import Parts
from p2c.integrator.store.plans import Plans
from p2c.integrator.store.rejections import Rejections
from p2c.integrator.store.row_history import RowHistory
from p2c.integrator.store.rows import Rows
from p2c.integrator.store.runs import Runs
from p2c.integrator.store.schedules import ScheduledProject, Schedules
from p2c.integrator.store.tables import METADATA
from p2c.integrator.store.totals import Totals


class Store(
    Definitions,
    Channels,
    Schedules,
    Judging,
    History,
    Totals,
    Runs,
    Rows,
    RowHistory,
    Rejections,
    Plans,
    Parts,
    StoredClaims,
    EntityFields,
    LostFields,
    Gates,
    Matches,
):
    """All that the integrator keeps. Each method is one transaction; any thread may call it."""

    def __init__(self, engine: Engine) -> None:
        """Brings the database to this version's tables.

        Raises:
            ConfigurationError: The database has other tables of the same names.
        """
        super().__init__(engine)
        migrate(engine, METADATA)


__all__ = ["ScheduledProject", "Store"]
