"""The process of one service: `python -m p2c.wiring.child SERVICE SOCKET`, started by the supervisor.

It listens on the socket it inherits, with the database URL from its environment, and ends when its standard input
does: a supervisor that dies, however it dies, leaves no service behind.
"""

from __future__ import annotations

import os
import socket
import sys
import threading

import msgspec
import uvicorn
from uvicorn.config import LOGGING_CONFIG

from p2c.errors import P2CError
from p2c.settings import Service
from p2c.wiring.agreement import DATABASE_URL, SAID_WHY, SEED
from p2c.wiring.collecting import collect_rarely, keep_what_is_loaded
from p2c.wiring.guard import GUARD, Guard
from p2c.wiring.logs import set_up_logs
from p2c.wiring.services import build_service
from p2c.wiring.traces import set_up_traces

_GRACE_SECONDS = 3


def main() -> None:
    """Serve until told to end."""
    service = Service(sys.argv[1])
    logs_are_json = set_up_logs(os.environ)
    try:
        if service is Service.INTEGRATOR:
            set_up_traces(os.environ)
        guard = msgspec.json.decode(os.environ.get(GUARD, "{}"), type=Guard)
        application = build_service(service, os.environ[DATABASE_URL], seed=os.environ.get(SEED) == "1", guard=guard)
    except P2CError as error:
        print(f"p2c: {service.title}: {error}", file=sys.stderr, flush=True)
        sys.exit(SAID_WHY)
    collect_rarely()
    keep_what_is_loaded()
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            log_config=None if logs_are_json else LOGGING_CONFIG,
            log_level="warning",
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=_GRACE_SECONDS,
            # Whose address a request comes from is never taken from a header.
            proxy_headers=False,
            ssl_certfile=guard.certificate or None,
            ssl_keyfile=guard.key or None,
        )
    )
    threading.Thread(target=_end_with_input, args=(server,), daemon=True).start()
    server.run(sockets=[socket.socket(fileno=int(sys.argv[2]))])


def _end_with_input(server: uvicorn.Server) -> None:
    # Not through sys.stdin: the interpreter cannot end while a thread holds its lock.
    while os.read(sys.stdin.fileno(), 1):
        pass
    server.should_exit = True


if __name__ == "__main__":
    main()
