"""Starts services as processes of their own, and ends them all when one ends or somebody asks for it."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import msgspec

from p2c.errors import ConfigurationError, StopError
from p2c.settings import Service, Settings
from p2c.wiring import address_book
from p2c.wiring.agreement import DATABASE_URL, SAID_WHY, SEED, AlreadyToldError
from p2c.wiring.databases import Databases
from p2c.wiring.guard import GUARD, ON_THIS_MACHINE, GuardOptions, make_guard
from p2c.wiring.sockets import listen, reachable, url_of

START_SECONDS = 60
_END_SECONDS = 8
_LOOK_EVERY = 0.05
_ANSWER_SECONDS = 0.5


class RunningServices:
    """
    Services over a data directory, answering from the moment this exists; ended by leaving its `with` block.

    Children that lose this process end by themselves. The embedded PostgreSQL ends last.

    Raises:
        ConfigurationError: A port, the host, the data directory or a database URL is wrong; nothing runs then.
        StopError: A service or PostgreSQL did not start.
    """

    def __init__(
        self,
        settings: Settings,
        services: Sequence[Service],
        *,
        options: GuardOptions = ON_THIS_MACHINE,
        seed: bool = True,
        lasting: bool = True,
    ) -> None:
        """
        Args:
            options: Where they listen, and how they are protected. With `auth` identity runs with the others,
                unless it runs already.
            seed: Whether an empty Sales gets its first rows; without, the caller brings them.
            lasting: False where the data directory does not outlive the services.
        """
        self._data = settings.data
        self._seed = seed
        self._processes: dict[Service, subprocess.Popen[bytes]] = {}
        options.check()
        services = [*services, *_identity(settings, services, options)]
        _refuse_twice(settings.data, services)
        files = options.tls_files(settings.data)
        scheme = "https" if files is not None else "http"
        listeners = {service: listen(options.address, settings.ports[service], service) for service in services}
        self.urls = {
            service: url_of(listener, service, scheme=scheme, name=options.client_name)
            for service, listener in listeners.items()
        }
        self._asked_at = {service: reachable(listener) for service, listener in listeners.items()}
        self._databases = Databases()
        try:
            asked = [Service.IDENTITY] if options.auth and Service.IDENTITY not in services else []
            self._databases.open(settings, [*services, *asked], lasting=lasting)
            identity_database = self._databases.urls.get(Service.IDENTITY, "")
            self._guard = make_guard(settings, options, self.urls, files, identity_database)
            for service, listener in listeners.items():
                self._start(service, listener)
                listener.close()
            self._wait_until_ready()
            self._data.mkdir(parents=True, exist_ok=True)
            address_book.enter(self._data, self.urls)
        except BaseException:
            self.end()
            raise
        finally:
            for listener in listeners.values():
                listener.close()

    @property
    def pids(self) -> dict[Service, int]:
        """Process ids."""
        return {service: process.pid for service, process in self._processes.items()}

    @property
    def postgres_pid(self) -> int | None:
        """Process id of the embedded PostgreSQL; None where all databases are the user's own."""
        return self._databases.pid

    def watch(self) -> None:
        """
        Wait until a service ends by itself.

        Raises:
            StopError: Always, naming the service.
        """
        while True:
            self._look()
            time.sleep(_LOOK_EVERY)

    def end(self) -> None:
        """End all services, then PostgreSQL. May be called twice."""
        for process in self._processes.values():
            if process.stdin is not None:
                process.stdin.close()
        deadline = time.monotonic() + _END_SECONDS
        for process in self._processes.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._processes:
            address_book.leave(self._data, self._processes)
        self._processes.clear()
        self._databases.close()

    def __enter__(self) -> RunningServices:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def _start(self, service: Service, listener: socket.socket) -> None:
        handle = listener.fileno()
        self._processes[service] = subprocess.Popen(
            [sys.executable, "-m", "p2c.wiring.child", service.value, str(handle)],
            stdin=subprocess.PIPE,
            pass_fds=(handle,),
            env={
                **os.environ,
                DATABASE_URL: self._databases.urls[service],
                SEED: "1" if self._seed else "0",
                GUARD: msgspec.json.encode(self._guard).decode(),
            },
            # A session of its own, so that Ctrl-C in the terminal reaches only this process.
            start_new_session=True,
        )

    def _wait_until_ready(self) -> None:
        waiting = list(self._processes)
        deadline = time.monotonic() + START_SECONDS
        while waiting:
            self._look()
            waiting = [service for service in waiting if not _healthy(self.urls[service], self._asked_at[service])]
            if waiting and time.monotonic() > deadline:
                raise StopError(f"does not answer after {START_SECONDS} seconds", where=waiting[0].title)
            if waiting:
                time.sleep(_LOOK_EVERY)

    def _look(self) -> None:
        for service, process in self._processes.items():
            code = process.poll()
            if code == SAID_WHY:
                raise AlreadyToldError("could not start", where=service.title)
            if code is not None:
                how = f"was ended by signal {-code}" if code < 0 else f"ended by itself with code {code}"
                raise StopError(
                    how,
                    where=service.title,
                    way_out="the other services were ended too; see what it wrote above",
                )


def _identity(settings: Settings, services: Sequence[Service], options: GuardOptions) -> list[Service]:
    """The identity service, where it is needed and runs neither here nor elsewhere."""
    there = {*services, *address_book.running(settings.data), *settings.urls}
    return [Service.IDENTITY] if options.auth and Service.IDENTITY not in there else []


def _healthy(url: str, listener: tuple[str, int]) -> bool:
    """Whether the child behind a socket answers; asked on this machine, whatever its certificate says."""
    connection: http.client.HTTPConnection
    if url.startswith("https:"):
        context = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection(*listener, timeout=_ANSWER_SECONDS, context=context)
    else:
        connection = http.client.HTTPConnection(*listener, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _refuse_twice(data: Path, services: Sequence[Service]) -> None:
    """One service of a kind over a directory: a second would take the first one's place in the address book."""
    there = address_book.running(data)
    for service in services:
        if service in there:
            raise ConfigurationError(
                f"{service.title} runs over {data} already, at {there[service]}",
                way_out="end it first, or give another --data directory",
            )
