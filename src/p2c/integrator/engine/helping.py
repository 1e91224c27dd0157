"""Helps with the divided legs of other processes."""

from __future__ import annotations

import asyncio
import logging

from p2c.database.vault import Vault
from p2c.errors import P2CError, RetryError, StopError
from p2c.integrator.engine.contexts import leg_context
from p2c.integrator.engine.environments import Environments
from p2c.integrator.engine.fingerprint import fingerprint
from p2c.integrator.engine.parts import PartsFlow
from p2c.integrator.engine.sharing import Sharing
from p2c.integrator.engine.tally import Tally
from p2c.integrator.outcome import Progress
from p2c.integrator.projects import Project
from p2c.integrator.store import Store
from p2c.integrator.store.parts import Offer
from p2c.integrator.store.progress import TakenOverError

_log = logging.getLogger("p2c.run")


class Helper:
    """Carries parts of legs that other processes have divided.

    What goes wrong here ends no run: the part is free again, and its owner meets the same trouble or does not. A leg
    that this process cannot help with, for want of a secret, say, is left alone from then on.
    """

    def __init__(self, store: Store, vault: Vault | None, sharing: Sharing) -> None:
        self._store = store
        self._vault = vault
        self._sharing = sharing
        self._left_alone: set[int] = set()

    async def help(self) -> None:
        """Carry free parts until there are none."""
        offers = await asyncio.to_thread(self._store.offers, self._sharing.me, self._sharing.leased)
        self._left_alone.intersection_update([offer.leg_run for offer in offers])
        for offer in offers:
            if offer.leg_run not in self._left_alone:
                await self._try(offer)

    async def _try(self, offer: Offer) -> None:
        names = {"run": offer.run, "leg_run": offer.leg_run, **offer.leg._asdict()}
        _log.info("helping with a leg", extra=names)
        try:
            await self._help(offer)
        except TakenOverError:
            _log.info("the leg has ended", extra=names)
        except P2CError as error:
            if not isinstance(error, RetryError):
                self._left_alone.add(offer.leg_run)
            _log.warning("could not help: %s", error, extra=names)

    async def _help(self, offer: Offer) -> None:
        project = await asyncio.to_thread(self._store.project, offer.leg.project)
        async with Environments(self._store, self._vault) as environments:
            connected = await environments.connect(project)
            task = next((task for task in connected.project.tasks if task.name == offer.leg.task), None)
            organizations = connected.connection_set.organizations
            legs = task.legs if task is not None else ()
            leg = legs[offer.leg.leg - 1] if offer.leg.leg <= len(legs) else None
            if task is None or leg is None or not _is_the_same(project, offer, fingerprint(leg, organizations)):
                raise StopError("the project has changed since its run began", where=f"leg run {offer.leg_run}")
            ends = [
                await environments.get(connected.connection_set, end.environment)
                for end in (leg.source, leg.destination)
            ]
            context = await leg_context(
                self._store,
                environments,
                connected.connection_set,
                offer.leg,
                task,
                tally=Tally(ends, helps=True),
                again=offer.again,
                leg_run=offer.leg_run,
                run=offer.run,
            )
            size = await context.destination.rows_a_write(context.destination_entity, offer.expected)
            await PartsFlow(context, self._sharing, offer.parts, size, _unheard).carry()


def _is_the_same(project: Project, offer: Offer, mark: str) -> bool:
    """Whether rows become here what they become where the leg is."""
    return (project.version, mark) == (offer.version, offer.mark)


def _unheard(_: Progress) -> None:
    """Who watches the run hears the owner."""
