"""One service on a loopback port of its own, which it keeps when it is taken away and brought back."""

from __future__ import annotations

import socket
import threading

import uvicorn
from starlette.applications import Starlette

from p2c.settings import LOOPBACK, Service


class Served:
    """A service's application, answering in a thread between `start` and `stop`."""

    def __init__(self, service: Service, application: Starlette) -> None:
        self._application = application
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        with _listener(0) as probe:
            self._port = int(probe.getsockname()[1])
        self.url = f"http://{LOOPBACK}:{self._port}{service.base_path}"

    def replace(self, application: Starlette) -> None:
        """Another application answers from now on, at the same URL."""
        self.stop()
        self._application = application
        self.start()

    def start(self) -> None:
        """Answer requests; they wait in the listening socket until the server has come up."""
        config = uvicorn.Config(
            self._application,
            log_level="warning",
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [_listener(self._port)]}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop answering: connections are refused from now on. May be called twice."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join()
        self._server = self._thread = None


def _listener(port: int) -> socket.socket:
    # The protocol must be named: asyncio sends small answers without delay only on sockets that say TCP.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((LOOPBACK, port))
    listener.listen(128)
    return listener
