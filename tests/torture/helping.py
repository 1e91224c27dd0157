"""A process that owns a divided leg or helps with one, in small batches, and kills itself before it records a certain
batch, which it has sent by then. `python -m tests.torture.helping own|help BATCH`; 0 lives on until it is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from unittest.mock import patch

from p2c.database.connect import open_database
from p2c.integrator.engine import Helper, Sharing, run_projects
from p2c.integrator.outcome import Progress
from p2c.integrator.store import Store
from p2c.odata.client import dataverse
from p2c.wiring.agreement import DATABASE_URL
from tests.lab import Silent

SMALL = 5
"""Rows of a batch."""
SHARING = Sharing(part_rows=20, leased=2, look=0.1)
PROJECT = "accounts"
READY = "ready"


class Mortal(Store):
    """Dies before it keeps a certain batch; 0 never."""

    batches_to_live = 0

    def commit_batch(self, *names: object, **values: object) -> Progress:
        """The last one is sent, and nobody records it."""
        self.batches_to_live -= 1
        if self.batches_to_live == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().commit_batch(*names, **values)  # type: ignore[arg-type]


def main(part: str, batches_to_live: int) -> None:
    """Work until killed."""
    store = Mortal(open_database(os.environ[DATABASE_URL]))
    store.batches_to_live = batches_to_live
    print(READY, flush=True)
    with patch.object(dataverse, "BATCH", SMALL):
        asyncio.run(_own(store) if part == "own" else _help(store))


async def _own(store: Store) -> None:
    project = store.project(PROJECT)
    await run_projects(store, [project], all_data=True, started_by="mortal", watcher=Silent(), sharing=SHARING)


async def _help(store: Store) -> None:
    helper = Helper(store, None, SHARING)
    while True:
        await helper.help()
        await asyncio.sleep(SHARING.look)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
