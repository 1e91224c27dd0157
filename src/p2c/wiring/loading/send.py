"""Sends rows to an environment through its public API, in bulk and in the order they are given."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from p2c.database.vault import Vault
from p2c.integrator.connections import Connection, SignIn
from p2c.integrator.engine.environments import open_environment
from p2c.odata.client.environment import BATCH, Environment, Upsert, WriteResult

_PARALLEL = 2


@asynccontextmanager
async def environment_at(
    name: str, url: str, sign_in: SignIn | None = None, vault: Vault | None = None
) -> AsyncIterator[Environment]:
    """The environment (`sales`, `operations`, `commondata`) at a URL, its metadata read."""
    environment = open_environment(Connection(name, name, url, sign_in), vault)
    try:
        await environment.connect()
        yield environment
    finally:
        await environment.close()


async def send_rows(
    environment: Environment,
    entity_set: str,
    rows: Sequence[Upsert],
    *,
    advanced: Callable[[int], None] = lambda done: None,
) -> list[WriteResult]:
    """
    Upsert rows, two batches of 500 at a time; one result a row, in order.

    Args:
        advanced: Told how many rows are done altogether, after each batch.

    Raises:
        RetryError: The environment stays away. What was sent before is written, whole rows only.
    """
    entity = environment.model.entity_set[entity_set]
    done = 0
    gate = asyncio.Semaphore(_PARALLEL)

    async def send(part: Sequence[Upsert]) -> list[WriteResult]:
        nonlocal done
        async with gate:
            results = await environment.upsert(entity, part)
        done += len(part)
        advanced(done)
        return results

    parts = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
    return [result for results in await asyncio.gather(*map(send, parts)) for result in results]
