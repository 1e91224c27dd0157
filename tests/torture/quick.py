"""A worker of the product with short periods, alone or inside the integrator's service: a dead one is missed after
3 seconds instead of 30. `python -m tests.torture.quick [SOCKET]`."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading

import uvicorn

from p2c.database.connect import open_database
from p2c.database.vault import Vault
from p2c.integrator.engine import Sharing
from p2c.integrator.jobs import Queue, Timing, Worker
from p2c.integrator.store import Store
from p2c.wiring.agreement import DATABASE_URL
from p2c.wiring.integrator_api import build_integrator

QUICK = Timing(heartbeat=0.5, dead_after=3, look=0.5, again=0.5)

SHARING = Sharing(workers=1, part_rows=150, leased=2, look=0.2)
"""Where two workers listen, runs of a few hundred rows are divided."""


def main() -> None:
    """Work until killed, or until who started this has gone."""
    threading.Thread(target=_end_with_input, daemon=True).start()
    engine = open_database(os.environ[DATABASE_URL])
    worker = Worker(engine, Vault({}), timing=QUICK, sharing=SHARING)
    if len(sys.argv) == 1:
        asyncio.run(worker.work())
        return
    application = build_integrator(Store(engine), Queue(engine), worker)
    server = uvicorn.Server(uvicorn.Config(application, log_level="warning", access_log=False, lifespan="on"))
    server.run(sockets=[socket.socket(fileno=int(sys.argv[1]))])


def _end_with_input() -> None:
    # Not through sys.stdin: the interpreter cannot end while a thread holds its lock.
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
