"""Listening sockets, opened before anything is started: a port in use is told at once and cannot be lost later."""

from __future__ import annotations

import errno
import socket

from p2c.errors import ConfigurationError
from p2c.settings import Service

_BACKLOG = 128


def listen(address: str, port: int, service: Service) -> socket.socket:
    """
    A listening socket; port 0 picks a free one.

    Raises:
        ConfigurationError: The port is in use, or not for this user.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        what = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be listened on ({error.strerror})"
        raise ConfigurationError(
            f"port {port} {what}",
            where=service.title,
            way_out=f"end what uses it, or give --port-{service.value} another one (0: any that is free)",
        ) from error
    return listener


def reachable(listener: socket.socket) -> tuple[str, int]:
    """Host and port that reach a socket from this machine."""
    host, port = listener.getsockname()[:2]
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port


def url_of(listener: socket.socket, service: Service, *, scheme: str = "http", name: str = "") -> str:
    """The base URL of the service behind a socket, by the name that clients use (the address where none is given)."""
    host, port = listener.getsockname()[:2]
    host = name or host
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}:{port}{service.base_path}"
