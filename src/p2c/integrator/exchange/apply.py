"""Takes a setup out of the store, and brings files into it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from p2c.errors import ConfigurationError
from p2c.integrator.exchange.differences import Difference, differences
from p2c.integrator.exchange.read import read_setup
from p2c.integrator.exchange.write import CONNECTION_SETS, CONNECTIONS, PROJECTS, Setup, setup_files
from p2c.integrator.projects import order
from p2c.integrator.store import Store


def current_setup(store: Store) -> Setup:
    """All that is set up in the store."""
    return Setup(tuple(store.connections()), tuple(store.connection_sets()), tuple(store.projects()))


def export_yaml(store: Store) -> dict[str, str]:
    """The files of the setup, text by name relative to their directory; without passwords."""
    return setup_files(current_setup(store))


def plan_apply(store: Store, directory: Path, *, prune: bool = False) -> list[Difference]:
    """
    What the files of the directory would change; nothing is changed yet.

    Args:
        prune: Also remove what no file has; otherwise that is left alone.

    Raises:
        ConfigurationError: The directory holds no setup, something in it is wrong, or its projects need one
            another in a circle.
    """
    current = current_setup(store)
    wanted = read_setup(_files(directory), Setup() if prune else current)
    found = differences(current, wanted, prune=prune)
    after = {} if prune else {project.name: project for project in current.projects}
    order((after | {project.name: project for project in wanted.projects}).values())
    return found


def apply(store: Store, changes: Iterable[Difference]) -> None:
    """Make these changes, all or none."""
    changes = list(changes)
    store.change(
        save=[change.new for change in changes if change.new is not None],
        remove=[change.old for change in changes if change.new is None and change.old is not None],
    )


def _files(directory: Path) -> dict[str, str]:
    """The text of the setup's files, by name."""
    folders = (directory, directory / PROJECTS)
    paths = [path for folder in folders for pattern in ("*.yaml", "*.yml") for path in folder.glob(pattern)]
    if not paths:
        raise ConfigurationError(
            f"no {CONNECTIONS}, {CONNECTION_SETS} or {PROJECTS}/*.yaml there",
            where=str(directory),
            way_out="name the directory that `p2c export` wrote",
        )
    return {path.relative_to(directory).as_posix(): _text(path) for path in sorted(paths)}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError("the file is not UTF-8", where=str(path), way_out="save it as UTF-8") from error
    except OSError as error:
        raise ConfigurationError(
            f"cannot be read ({error.strerror})", where=str(path), way_out="give this user its rights"
        ) from error
