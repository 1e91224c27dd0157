"""Which services run over a data directory, and where: `services.json`, so that other commands find them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from p2c.database.embedded import is_running
from p2c.errors import ConfigurationError
from p2c.settings import Service, Settings

FILE = "services.json"


class _Entry(msgspec.Struct):
    """`pid` is the process that answers for the service: an entry of a process that is gone is void."""

    url: str
    pid: int


def enter(data: Path, urls: Mapping[Service, str]) -> None:
    """Add services that this process answers for."""
    book = _read(data)
    book.update({service.value: _Entry(url, os.getpid()) for service, url in urls.items()})
    _write(data, book)


def leave(data: Path, services: Iterable[Service]) -> None:
    """Take out services that this process entered."""
    own = {service.value for service in services}
    book = _read(data)
    _write(data, {name: entry for name, entry in book.items() if not (name in own and entry.pid == os.getpid())})


def running(data: Path) -> dict[Service, str]:
    """URLs of the services that run over this directory."""
    return {
        service: entry.url
        for service in Service
        if (entry := _read(data).get(service.value)) is not None and is_running(entry.pid)
    }


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


def _read(data: Path) -> dict[str, _Entry]:
    try:
        return msgspec.json.decode((data / FILE).read_bytes(), type=dict[str, _Entry])
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(
            f"cannot be read ({error})",
            where=str(data / FILE),
            way_out="delete it and start the services again",
        ) from error


def _write(data: Path, book: Mapping[str, _Entry]) -> None:
    data.mkdir(parents=True, exist_ok=True)
    path = data / FILE
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(book)) + b"\n")
    draft.replace(path)
