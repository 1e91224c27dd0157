"""Rate gates that all runs on an environment as one user share, in any process, through the integrator's database.

A gate leases a part of the environment's places and renews the lease once a second; requests cost no query. What this
keeps to:

- All gates together have no more requests under way than the environment has places. Only requests that are still under
  way when their process loses the database for longer than the lease, or when the environment lowers its recommended
  parallelism, come on top until they end.
- After a pause was told to one gate, the others send nothing from the moment they hear of it: as soon as PostgreSQL has
  passed the notification on (milliseconds), at the latest when they renew their lease (a second).
- The places of a process that died are free when its lease ends. One that ends gives them back at once, and so does a
  gate that had nothing to send for a second.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg

from p2c.errors import P2CError
from p2c.integrator.connections import Connection
from p2c.integrator.store import Store
from p2c.integrator.store.gates import Claim, News
from p2c.odata.client.gate import RateGate

RENEWED = 1.0
"""Seconds after which a lease is renewed."""
LEASED = 10.0
"""Seconds that a lease lasts without."""


def gate_name(connection: Connection) -> str:
    """The environment and the application user whose limits count together."""
    parts = urlsplit(connection.url)
    host = f"{parts.hostname}:{parts.port}" if parts.port else f"{parts.hostname}"
    return f"{connection.sign_in.application if connection.sign_in else ''}@{host}"


class SharedGates:
    """The gates of one run, and the connection that hears what the others do. Leaving gives all places back."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._members: dict[str, Member] = {}
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> SharedGates:
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])
        await asyncio.gather(*(member.leave() for member in self._members.values()))

    def of(self, connection: Connection) -> RateGate:
        """The gate of a connection: one for each environment and application user."""
        name = gate_name(connection)
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        if name not in self._members:
            self._members[name] = Member(self._store, name)
        return self._members[name].gate

    async def _listen(self) -> None:
        while True:
            with suppress(psycopg.Error):
                async for news in self._store.news():
                    for member in self._members.values():
                        member.hear(news)
            # Leases are renewed without news too, only later.
            await asyncio.sleep(RENEWED)


class Member:
    """One gate's part in what all gates of its name agree on."""

    def __init__(self, store: Store, name: str) -> None:
        self.gate = RateGate(others=self)
        self._store = store
        self._name = name
        self._id = uuid4().hex
        self._look = asyncio.Event()
        self._active = False
        self._resume_at = 0.0
        self._begun = 0
        self._used_at = 0.0
        self._leaving = asyncio.Event()
        self._staying = asyncio.create_task(self._stay())

    def wanted(self) -> None:
        """A request waits: become active, unless the gate is."""
        if not self._active:
            self._look.set()

    def refused(self, resume_at: float) -> None:
        """The environment asked for a pause: tell the others now."""
        self._resume_at = max(self._resume_at, resume_at)
        self._look.set()

    def hear(self, news: News) -> None:
        """Another member changed something; who has nothing to send needs not look."""
        if self._active and news.gate in ("", self._name) and news.member != self._id:
            self._look.set()

    async def leave(self) -> None:
        """Give the places back, for good."""
        self._leaving.set()
        self._look.set()
        await asyncio.gather(self._staying, return_exceptions=True)

    async def _stay(self) -> None:
        """Renew the lease while there is something to send, and look at once when something has changed."""
        while not self._leaving.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), RENEWED if self._active else None)
            self._look.clear()
            await self._try()
        await self._try()

    async def _try(self) -> None:
        try:
            await self._step()
        except P2CError as error:
            # The next renewal may succeed; a database that stays away frees the places when the lease ends.
            await self.gate.fail(error.what)
        except Exception as error:
            # Requests wait for this task: whatever goes wrong here must reach them.
            await self.gate.fail(f"the places could not be agreed on with other runs ({type(error).__name__}: {error})")

    async def _step(self) -> None:
        now = self.gate.clock()
        if self._in_use():
            self._used_at = now
        leaves = self._leaving.is_set() or now - self._used_at >= RENEWED
        if not leaves or self._resume_at > now:
            await self._renew()
        if leaves and self._active:
            await self._give_back()

    def _in_use(self) -> bool:
        state = self.gate.state
        return bool(state.begun != self._begun or state.under_way or self.gate.waiting)

    async def _give_back(self) -> None:
        self._active = False
        self.gate.state.share = 0
        await asyncio.to_thread(self._store.give_back, self._name, self._id)

    async def _renew(self) -> None:
        state, now = self.gate.state, self.gate.clock()
        self._active, self._begun = True, state.begun
        if now >= state.share_ends:
            state.share = 0
        told, self._resume_at = self._resume_at, 0.0
        claim = Claim(
            gate=self._name,
            member=self._id,
            seconds=LEASED,
            kept=max(state.share, state.under_way),
            hint=state.hint,
            pause=max(0.0, told - now),
        )
        try:
            lease = await asyncio.to_thread(self._store.lease, claim)
        except P2CError:
            self._resume_at = max(told, self._resume_at)
            raise
        share = min(lease.places, lease.fair)
        await self.gate.settle(share, now + LEASED, self.gate.clock() + lease.pause)
        if state.under_way <= share < lease.places:
            # What it may not use any more is given back with the next claim: the others may wait for it.
            self._look.set()
