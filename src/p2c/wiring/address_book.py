"""Which services run over a data directory, and where, so that other commands find them: a file a service."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from p2c.database.embedded import is_running
from p2c.errors import ConfigurationError
from p2c.settings import Service, Settings

FOLDER = "services"


class _Entry(msgspec.Struct):
    """`pid` is the process that answers for the service: an entry of a process that is gone is void."""

    url: str
    pid: int


def enter(data: Path, urls: Mapping[Service, str]) -> None:
    """Add services that this process answers for. Others may enter theirs at the same time."""
    (data / FOLDER).mkdir(parents=True, exist_ok=True)
    for service, url in urls.items():
        path = _path(data, service)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_bytes(msgspec.json.encode(_Entry(url, os.getpid())) + b"\n")
        draft.replace(path)


def leave(data: Path, services: Iterable[Service]) -> None:
    """Take out services that this process entered."""
    for service in services:
        entry = _read(data, service)
        if entry is not None and entry.pid == os.getpid():
            _path(data, service).unlink(missing_ok=True)


def running(data: Path) -> dict[Service, str]:
    """URLs of the services that run over this directory."""
    entries = {service: _read(data, service) for service in Service}
    return {service: entry.url for service, entry in entries.items() if entry is not None and is_running(entry.pid)}


def environment_url(settings: Settings, environment: Service) -> str:
    """
    Where an environment is: as `P2C_…_URL` says, else as it runs over the data directory.

    Raises:
        ConfigurationError: It is not running.
    """
    known = {**running(settings.data), **settings.urls}
    if environment not in known:
        raise ConfigurationError(
            f"{environment.title} is not running over {settings.data}",
            way_out=(
                f"start `p2c serve --data {settings.data}` in another terminal, or set {environment.variable('URL')}"
            ),
        )
    return known[environment]


def _path(data: Path, service: Service) -> Path:
    return data / FOLDER / f"{service.value}.json"


def _read(data: Path, service: Service) -> _Entry | None:
    path = _path(data, service)
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Entry)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(
            f"cannot be read ({error})",
            where=str(path),
            way_out="delete it and start the services again",
        ) from error
