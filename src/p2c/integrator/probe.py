"""Tries a connection: what answers there, as whom, what is there for the projects, and how it is read and written."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from p2c.database.vault import Vault
from p2c.edm.entity import Entity
from p2c.errors import P2CError
from p2c.integrator.catalogue import connected
from p2c.integrator.connections import Connection
from p2c.integrator.mapping.drift import differences, fields_of
from p2c.integrator.mapping.template import Leg
from p2c.integrator.mapping.uses import Use, destination_uses, source_uses
from p2c.integrator.store import Store
from p2c.odata.client.environment import Environment
from p2c.odata.client.identification import Identification, identify
from p2c.text import _


@dataclass(frozen=True, slots=True)
class Finding:
    """One entity set that enabled projects use.

    `writes` says whether they write there; `may_write` is None where the environment does not tell before it is tried.
    `troubles` is empty when it is there, has the fields that maps use with their types, and may be used. `reading` says
    how its changes are read, `writing` how rows are written; empty where projects do not do so.
    """

    entity_set: str
    writes: bool
    may_read: bool
    may_write: bool | None
    troubles: tuple[str, ...]
    reading: str = ""
    writing: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """What a connection was found to be. What the environment does not say of itself and of the caller is empty;
    `roles` is None then."""

    connection: str
    url: str
    product: str
    version: str
    who: str
    roles: tuple[str, ...] | None
    entities: int
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Whether all that the projects need is there."""
        return not any(finding.troubles for finding in self.findings)


@dataclass(frozen=True, slots=True)
class _Need:
    """An entity set that a project uses through the connection, and the fields of it."""

    project: str
    entity_set: str
    writes: bool
    uses: frozenset[Use]


async def probe(store: Store, name: str, vault: Vault | None) -> Probe:
    """
    Try a connection once.

    Raises:
        ConfigurationError: There is no such connection, or its sign-in is refused.
        RetryError, StopError: The environment does not answer, or refuses its metadata.
    """
    connection = await asyncio.to_thread(store.connection, name)
    async with connected(store, name, vault) as environment:
        told = await identify(environment)
        needs = await asyncio.to_thread(_needs, store, connection, environment)
        before = (await asyncio.to_thread(store.fields, [name])).get(name, {})
        findings = [
            await _find(environment, entity_set, its, told, before.get(entity_set))
            for entity_set, its in sorted(needs.items())
        ]
        return Probe(
            connection.name,
            environment.where.partition(" at ")[2],
            told.product,
            told.version,
            _who(told, connection),
            told.roles,
            len(environment.model.entities),
            tuple(findings),
        )


def _needs(store: Store, connection: Connection, environment: Environment) -> Mapping[str, list[_Need]]:
    """What enabled projects need through the connection, by entity set."""
    sets = {item.name for item in store.connection_sets() if connection.name in item.connections.values()}
    found: dict[str, list[_Need]] = defaultdict(list)
    for project in store.projects():
        if project.enabled and project.connection_set in sets:
            for leg in (leg for task in project.tasks for leg in task.legs):
                for need in _of_leg(project.name, leg, connection.environment, environment):
                    found[need.entity_set].append(need)
    return found


def _of_leg(project: str, leg: Leg, name: str, environment: Environment) -> Iterable[_Need]:
    if leg.source.environment == name:
        yield _Need(project, leg.source.entity, False, source_uses(leg, environment.model))
    if leg.destination.environment == name:
        yield _Need(project, leg.destination.entity, True, destination_uses(leg, environment.model))


async def _find(
    environment: Environment,
    entity_set: str,
    needs: Iterable[_Need],
    told: Identification,
    before: Mapping[str, str] | None,
) -> Finding:
    its = list(needs)
    writes = any(need.writes for need in its)
    entity = environment.model.entity_set.get(entity_set)
    if entity is None:
        return Finding(entity_set, writes, False, False, (_("it is not there"),))
    unreadable = await _tried(environment, entity)
    lacking = told.lacks(entity, writes=writes)
    refused = [_("{privilege} is missing").format(privilege=name) for name in lacking]
    if writes and not entity.writable:
        refused.append(_("it can only be read"))
    may_write = False if refused else (None if told.privileges is None else not unreadable)
    troubles = [*unreadable, *refused, *_misfits(environment, entity, its, before)]
    reads = not unreadable and any(not need.writes for need in its)
    return Finding(
        entity_set,
        writes,
        not unreadable,
        may_write,
        tuple(troubles),
        reading=(await environment.tracking(entity)).told if reads else "",
        writing=await environment.writing(entity) if writes and not unreadable else "",
    )


async def _tried(environment: Environment, entity: Entity) -> list[str]:
    try:
        await environment.count(entity)
    except P2CError as error:
        return [error.what]
    return []


def _misfits(
    environment: Environment, entity: Entity, needs: Iterable[_Need], before: Mapping[str, str] | None
) -> list[str]:
    """Fields that maps use and that are not there, or have another type than at the last run."""
    users: dict[Use, dict[str, None]] = defaultdict(dict)
    for need in needs:
        for use in need.uses:
            users[use][need.project] = None
    there = environment.model.entity_set
    found = [
        (use, _("{entity} has no field {field}").format(entity=use[0], field=use[1]))
        for use in sorted(users)
        if use[0] not in there or use[1] not in there[use[0]].property
    ]
    for changed in differences(entity.set_name, before, fields_of(entity)) if before is not None else ():
        use = (changed.entity_set, changed.field)
        if changed.now and changed.breaks(users):
            found.append((use, str(changed)))
    return [_("{what} (used by {projects})").format(what=what, projects=", ".join(users[use])) for use, what in found]


def _who(told: Identification, connection: Connection) -> str:
    parts = []
    if connection.sign_in is not None:
        parts.append(_("application {id}").format(id=connection.sign_in.application))
    if told.user:
        name = f"{told.name} ({told.user})" if told.name else told.user
        parts.append(_("user {name} of organization {organization}").format(name=name, organization=told.organization))
    return ", ".join(parts)
