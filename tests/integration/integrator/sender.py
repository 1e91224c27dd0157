"""A process that sends through a shared gate until it was silent for a pause: python -m ... DATABASE URL SECONDS.

Prints "sending" after its first request; then when the last request before the pause began and the first one after it,
by the machine's monotonic clock. Ends without that when there is no pause for a long time.
"""

from __future__ import annotations

import asyncio
import sys
import time

from p2c.database.connect import open_database
from p2c.integrator.connections import Connection
from p2c.integrator.engine.shared_gates import SharedGates
from p2c.integrator.store import Store


async def _send(store: Store, connection: Connection, pause: float) -> None:
    async with SharedGates(store) as gates:
        gate = gates.of(connection)
        last, until = 0.0, time.monotonic() + 5 * pause
        while last < until:
            async with gate.place():
                now = time.monotonic()
            if not last:
                print("sending", flush=True)
            elif now - last > pause / 2:
                print(last, now, flush=True)
                return
            last = now
            await asyncio.sleep(0)


if __name__ == "__main__":
    database, url, pause = sys.argv[1:]
    engine = open_database(database)
    asyncio.run(_send(Store(engine), Connection("sales", "sales", url), float(pause)))
    engine.dispose()
