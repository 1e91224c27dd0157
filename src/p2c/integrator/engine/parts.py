"""Carries parts of a divided leg, one after the other: the owner of the leg does, and who helps it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress

from p2c.edm.values import Row
from p2c.errors import P2CError, RetryError
from p2c.integrator.engine.batch import BatchFlow
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.conveyor import Conveyor
from p2c.integrator.engine.held import MOST, HeldRows
from p2c.integrator.engine.keeping import SharedKeeping
from p2c.integrator.engine.sharing import Sharing
from p2c.integrator.engine.together import together
from p2c.integrator.outcome import Progress
from p2c.integrator.store.parts import HeldPart
from p2c.integrator.store.progress import PartLostError
from p2c.odata.client.rows import RowPage

_log = logging.getLogger("p2c.run")
_RENEWALS = 5
"""Renewals of a lease while it lasts."""


class PartsFlow:
    """Carries free parts of a leg until there are none. `flow` carries the rows that are left when all have ended.

    A part holds rows for others of their own kind back by naming them; all `parts` together hold as many as a leg.
    `advanced` hears the leg's totals after every batch.
    """

    def __init__(
        self, context: LegContext, sharing: Sharing, parts: int, size: int, advanced: Callable[[Progress], None]
    ) -> None:
        self._context = context
        self._sharing = sharing
        self._most_held = MOST // parts
        self._size = size
        self._advanced = advanced
        self._keeping = SharedKeeping(context)
        self.flow = BatchFlow(context, keeping=self._keeping)

    async def carry(self) -> None:
        """
        Carry parts for as long as one is free.

        Raises:
            TakenOverError: The leg's run does not go any more.
            RetryError, StopError: An environment stays away or refuses; the part is free for others again.
        """
        context, sharing = self._context, self._sharing
        while part := await asyncio.to_thread(context.store.take_part, context.leg_run, sharing.me, sharing.leased):
            await self._part(part)

    async def _part(self, part: HeldPart) -> None:
        store = self._context.store
        self._keeping.part, self.flow.held = part, HeldRows(self._most_held)
        ended = asyncio.Event()
        try:
            await together(self._carried(part, ended), self._leased(part, ended))
        except PartLostError as error:
            _log.warning("a part was lost: %s", error, extra={"leg_run": part.leg_run, "part": part.number})
        except BaseException:
            with suppress(P2CError):
                await asyncio.to_thread(store.give_part_back, part)
            raise
        finally:
            self._keeping.part, self.flow.held = None, HeldRows()

    async def _carried(self, part: HeldPart, ended: asyncio.Event) -> None:
        conveyor = Conveyor(self._carry, self._size)
        await conveyor.run(lambda: self._read(part, conveyor))
        held = self._context.source_ids(self.flow.held.leave())
        await asyncio.to_thread(self._context.store.end_part, part, held)
        ended.set()

    async def _leased(self, part: HeldPart, ended: asyncio.Event) -> None:
        """Renew the lease until the part has ended. A store that is away for longer loses it, and says so then."""
        while not ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), self._sharing.leased / _RENEWALS)
                return
            try:
                await asyncio.to_thread(self._context.store.keep_part, part, self._sharing.leased)
            except RetryError as error:
                _log.warning("the lease of a part could not be renewed: %s", error, extra={"leg_run": part.leg_run})

    async def _read(self, part: HeldPart, conveyor: Conveyor) -> None:
        context = self._context
        pages = context.environment.part(context.source_entity, context.read_names, part.range)
        while (page := await self._next(pages)) is not None:
            await conveyor.put(page.rows if part.attempt == 1 else await self._not_met(page.rows))

    async def _next(self, pages: AsyncIterator[RowPage]) -> RowPage | None:
        with self._context.tally.step("read"):
            return await anext(pages, None)

    async def _not_met(self, rows: Sequence[Row]) -> list[Row]:
        """Without the rows that an earlier try has recorded, and counted."""
        context = self._context
        ids = context.source_ids(rows)
        met = await asyncio.to_thread(context.store.met, context.key, context.run, ids)
        return [row for row, identifier in zip(rows, ids, strict=True) if identifier not in met]

    async def _carry(self, rows: Sequence[Row]) -> None:
        await self.flow.carry(rows)
        self._advanced(self._context.tally.progress())
