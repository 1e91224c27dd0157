"""Listening sockets, opened before anything is started: a port in use is told at once and cannot be lost later."""

from __future__ import annotations

import errno
import ipaddress
import socket

from p2c.errors import ConfigurationError
from p2c.settings import Service

_BACKLOG = 128


def loopback_address(host: str) -> str:
    """
    The address to listen on.

    Raises:
        ConfigurationError: Other machines could reach it: the services do not know users yet.
    """
    address = "127.0.0.1" if host == "localhost" else host
    try:
        allowed = ipaddress.ip_address(address).is_loopback
    except ValueError:
        allowed = False
    if not allowed:
        raise ConfigurationError(
            f"the services know no users yet and listen on this machine alone, not on {host!r}",
            where="--host",
            way_out="leave it out, or give 127.0.0.1 or ::1",
        )
    return address


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


def url_of(listener: socket.socket, service: Service) -> str:
    """The base URL of the service behind a socket."""
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}{service.base_path}"
