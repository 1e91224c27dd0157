"""Compares the environments with what they were at the last run, before a row moves.

A field that was added is noted once. One that was removed, or has another type, stops the tasks whose maps use it, and
is noted otherwise. What an entity was is kept until nothing that maps use differs any more: because the map or the
environment was mended, or because people accepted it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from p2c.edm.entity import Model
from p2c.errors import ConfigurationError, StopError
from p2c.integrator.connections import ConnectionSet
from p2c.integrator.engine.environments import Connected, Environments
from p2c.integrator.engine.source import shape_of
from p2c.integrator.mapping.check import check
from p2c.integrator.mapping.drift import Difference, Fields, differences, fields_of
from p2c.integrator.mapping.problems import TemplateError
from p2c.integrator.mapping.template import Task
from p2c.integrator.mapping.uses import Use, destination_uses, own_field, source_uses
from p2c.integrator.outcome import LegKey
from p2c.integrator.projects import Project
from p2c.integrator.store import Store
from p2c.text import _


@dataclass(frozen=True, slots=True)
class Prepared:
    """A project ready to run. `stopped` says for tasks that must not start, by name, why.

    `misfit` is set where none may, because all of them are wrong, and not because an environment has changed.
    """

    project: Project
    connection_set: ConnectionSet
    stopped: Mapping[str, str]
    misfit: ConfigurationError | None = None


class _KnownTask(NamedTuple):
    """A task of any project that there is."""

    project: str
    connection_set: ConnectionSet
    task: Task


async def prepare_run(
    store: Store, environments: Environments, projects: Sequence[Project], *, keep: bool = True
) -> tuple[list[Prepared], list[str]]:
    """
    Connect what projects need, and find what has changed there: the projects, and notes for people.

    With `keep` the environments as they are now are what the next run compares with.

    A task that does not fit, and did not before either, is stopped as well; the others go on.

    Raises:
        ConfigurationError: No task of any project fits.
    """
    connected = [await _connect(environments, project) for project in projects]
    every = await asyncio.to_thread(_all_tasks, store)
    sets = [item.connection_set for item in connected]
    names = {name for connection_set in sets for name in connection_set.connections.values()}
    known = await asyncio.to_thread(store.fields, sorted(names))
    changes = _Changes(known)
    prepared = [item if isinstance(item, Prepared) else changes.judge(item, every) for item in connected]
    _check_some_fit(prepared)
    if keep:
        await asyncio.to_thread(store.lose_fields, changes.lost(every))
        await asyncio.to_thread(store.keep_fields, changes.settled())
    return prepared, changes.notes()


async def _connect(environments: Environments, project: Project) -> Connected | Prepared:
    """The project connected; where it has nothing to be connected to, no task of it may start."""
    try:
        return await environments.connect(project)
    except ConfigurationError as error:
        stopped = {task.name: str(error) for task in project.tasks}
        return Prepared(project, ConnectionSet(project.connection_set, {}), stopped, error)


def _check_some_fit(prepared: Sequence[Prepared]) -> None:
    misfits = [item.misfit for item in prepared if item.misfit is not None]
    if misfits and len(misfits) == len(prepared):
        raise misfits[0] if len(misfits) == 1 else ConfigurationError("\n".join(map(str, misfits)))


def _all_tasks(store: Store) -> list[_KnownTask]:
    sets = {item.name: item for item in store.connection_sets()}
    return [
        _KnownTask(project.name, sets[project.connection_set], task)
        for project in store.projects()
        if project.connection_set in sets
        for task in project.tasks
    ]


def uses_by_connection(
    task: Task, connection_set: ConnectionSet, models: Mapping[str, Model]
) -> dict[str, frozenset[Use]]:
    """What a task uses of each connection whose model is given; `models` by environment."""
    found: dict[str, frozenset[Use]] = defaultdict(frozenset)
    for leg in task.legs:
        for end, uses in ((leg.source, source_uses), (leg.destination, destination_uses)):
            if end.environment in models and end.environment in connection_set.connections:
                found[connection_set.connections[end.environment]] |= uses(leg, models[end.environment])
    return found


class _Changes:
    """What differs from the last run, by connection and entity set, and what follows from it."""

    def __init__(self, known: Mapping[str, Mapping[str, Fields]]) -> None:
        self._known = known
        self._now: dict[tuple[str, str], Fields] = {}
        self._found: dict[tuple[str, str], list[Difference]] = {}
        self._unsettled: set[tuple[str, str]] = set()

    def judge(self, item: Connected, every: Iterable[_KnownTask]) -> Prepared:
        """The tasks of a project that must not start. `every` are all tasks that there are."""
        misfits = _misfits(item)
        wrong: dict[str, TemplateError] = {}
        stopped: dict[str, str] = {}
        for task in item.project.tasks:
            uses = uses_by_connection(task, item.connection_set, item.models)
            self._look(item, uses)
            places = {(name, entity_set) for name, used in uses.items() for entity_set, _field in used}
            changed = sorted(place for place in places if self._found.get(place))
            misfit = misfits.get(task.name)
            if misfit is not None and not changed:
                stopped[task.name] = str(misfit)
                wrong[task.name] = misfit
                continue
            troubles = [str(lost) for name, used in uses.items() for lost in self._lost(name, used)]
            troubles += [] if misfit is None else [str(problem) for problem in misfit.problems]
            if troubles:
                stopped[task.name] = _stopped(troubles, dict.fromkeys(name for name, _set in changed))
                self._unsettled.update(places)
        for _project, connection_set, task in every if any(self._found.values()) else ():
            # Another project may use what this one does not: what it was must not be forgotten.
            for name, used in uses_by_connection(task, connection_set, item.models).items():
                self._unsettled.update((name, lost.entity_set) for lost in self._lost(name, used))
        problems = {problem for misfit in wrong.values() for problem in misfit.problems}
        misfit = TemplateError(list(problems)) if len(wrong) == len(item.project.tasks) else None
        return Prepared(item.project, item.connection_set, stopped, misfit)

    def lost(self, every: Iterable[_KnownTask]) -> dict[LegKey, list[str]]:
        """What legs deliver to and was removed or has another type: the values that they sent went with it."""
        found: dict[LegKey, list[str]] = {}
        for project, connection_set, task in every:
            for number, leg in enumerate(task.legs, start=1):
                place = (connection_set.connections.get(leg.destination.environment, ""), leg.destination.entity)
                gone = {item.field for item in self._found.get(place, ()) if item.loses}
                names = [item.to for item in leg.fields if not gone.isdisjoint(("", own_field(item.to)))]
                if names:
                    found[LegKey(project, task.name, number)] = names
        return found

    def notes(self) -> list[str]:
        """Differences in words, by connection and entity."""
        return [f"{name}: {found}" for (name, _set), every in sorted(self._found.items()) for found in every]

    def settled(self) -> dict[tuple[str, str], Fields]:
        """What the next run compares with; entities that a stopped task waits for stay as they were."""
        return {place: now for place, now in self._now.items() if place not in self._unsettled}

    def _look(self, item: Connected, uses: Mapping[str, frozenset[Use]]) -> None:
        models = {item.connection_set.connections[name]: model for name, model in item.models.items()}
        for name, used in uses.items():
            for entity_set in {entity_set for entity_set, _field in used}:
                now = fields_of(models[name].entity_set.get(entity_set))
                before = self._known.get(name, {}).get(entity_set)
                if now:
                    self._now[name, entity_set] = now
                if before is not None:
                    self._found[name, entity_set] = differences(entity_set, before, now)

    def _lost(self, name: str, used: frozenset[Use]) -> list[Difference]:
        """What is in use and was removed or has another type."""
        found = [item for place in sorted(self._found) if place[0] == name for item in self._found[place]]
        return [item for item in found if item.breaks(used)]


def _misfits(item: Connected) -> dict[str, TemplateError]:
    """What is wrong with each task that does not fit its environments, or none of which fits the others."""
    template = item.project.as_template()
    try:
        check(template, item.models, shape_of)
    except TemplateError as error:
        found: dict[str, TemplateError] = {}
        for task in template.tasks:
            try:
                check(replace(template, tasks=(task,)), item.models, shape_of)
            except TemplateError as misfit:
                found[task.name] = misfit
        return found or {task.name: error for task in template.tasks}
    return {}


def _stopped(troubles: Iterable[str], connections: Iterable[str]) -> str:
    commands = ", ".join(f"`p2c connection accept {name}`" for name in connections)
    way_out = _("mend the map; if it fits as it is: {commands}").format(commands=commands)
    where = _("the environment has changed since the last run")
    return str(StopError("; ".join(troubles), where=where, way_out=way_out))
