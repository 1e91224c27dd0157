"""Puts together what all parts of one leg's run share."""

from __future__ import annotations

import asyncio

from p2c.integrator.connections import ConnectionSet
from p2c.integrator.engine.comparing import rules_of
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.edits import Edits
from p2c.integrator.engine.ends import open_ends
from p2c.integrator.engine.environments import Environments
from p2c.integrator.engine.tally import Tally
from p2c.integrator.mapping.check import inactive_values
from p2c.integrator.mapping.template import OnConflict, OnDelete, Task
from p2c.integrator.outcome import LegKey
from p2c.integrator.store import Store


async def leg_context(
    store: Store,
    environments: Environments,
    connection_set: ConnectionSet,
    key: LegKey,
    task: Task,
    *,
    tally: Tally,
    again: bool = False,
    winner: OnConflict | None = None,
    leg_run: int = 0,
    run: int = 0,
) -> LegContext:
    """
    The context of a leg of a prepared project; `winner` takes the place of what its task says of conflicts.

    Raises:
        ConfigurationError: The map does not fit after all.
        RetryError, StopError: An environment stays away or refuses.
    """
    last = key.leg == len(task.legs)
    ends = await open_ends(environments, connection_set, key, task.legs[key.leg - 1])
    edits = await asyncio.to_thread(store.edits, key)
    lost = (await asyncio.to_thread(store.lost_fields, key)).intersection(ends.compiled.fields)
    return LegContext(
        key=key,
        leg_run=leg_run,
        run=run,
        compiled=ends.compiled,
        environment=ends.environment,
        source=ends.source,
        source_entity=ends.source_entity,
        destination=ends.destination,
        destination_entity=ends.destination_entity,
        companies=ends.companies,
        store=store,
        tally=tally,
        again=again or bool(lost),
        lost=lost,
        edits=Edits(edits, ends.source_entity, ends.source.model, ends.compiled.related),
        # A row between two legs is deleted, so that the next leg hears of it.
        on_delete=task.on_delete if last or task.on_delete is OnDelete.IGNORE else OnDelete.DELETE,
        rules=rules_of(task.legs[key.leg - 1], ends),
        on_conflict=winner or task.on_conflict,
        inactive=inactive_values(task, ends.destination_entity) if last else {},
        dismissed=await asyncio.to_thread(store.dismissed, key),
    )
