"""Compares the legs of a project, one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.database.vault import Vault
from p2c.errors import ConfigurationError, nearest
from p2c.integrator.connections import ConnectionSet
from p2c.integrator.engine.contexts import leg_context
from p2c.integrator.engine.environments import Environments
from p2c.integrator.engine.tally import Tally
from p2c.integrator.mapping.template import Task
from p2c.integrator.outcome import LegKey
from p2c.integrator.projects import Project
from p2c.integrator.reconcile.finding import LegComparison
from p2c.integrator.reconcile.leg import LegComparing, Listener
from p2c.integrator.store import Store


async def reconcile(
    store: Store,
    project: Project,
    listener: Listener,
    *,
    task: str = "",
    company: str = "",
    vault: Vault | None = None,
) -> list[LegComparison]:
    """
    Compare both sides of each leg; nothing is written, on neither side nor in the store.

    Args:
        task: Only this one.
        company: Only rows of this legal entity are counted and told.

    Raises:
        ConfigurationError: The project does not fit its environments, or has no such task or company.
        RetryError, StopError: An environment stays away or refuses.
    """
    async with Environments(store, vault) as environments:
        prepared, connection_set = await environments.prepare(project)
        tasks = _chosen(prepared, task)
        only = _legal_entity(connection_set, company) if company else None
        found = []
        for item in tasks:
            for number, leg in enumerate(item.legs, start=1):
                key = LegKey(project.name, item.name, number)
                context = await leg_context(store, environments, connection_set, key, item, tally=Tally(()))
                found.append(await LegComparing(leg, context, listener, only).carry_out())
        return found


def _chosen(project: Project, name: str) -> Sequence[Task]:
    found = [task for task in project.tasks if not name or task.name == name]
    if not found:
        raise ConfigurationError(
            f"there is no task {name!r}",
            where=f"project {project.name}",
            way_out=nearest(name, [task.name for task in project.tasks]),
        )
    return found


def _legal_entity(connection_set: ConnectionSet, name: str) -> str:
    """A company by any of its three names."""
    for item in connection_set.organizations:
        if name.casefold() in (
            item.legal_entity.casefold(),
            item.organization.casefold(),
            item.business_unit.casefold(),
        ):
            return item.legal_entity
    raise ConfigurationError(
        f"the organization mapping has no company {name!r}",
        where=f"connection set {connection_set.name}",
        way_out=nearest(name, [item.legal_entity for item in connection_set.organizations]),
    )
