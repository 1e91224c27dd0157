"""Whether the companies that an organization mapping names exist in their environments."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from p2c.database.vault import Vault
from p2c.errors import ConfigurationError, P2CError, followed, nearest
from p2c.integrator.connections import ConnectionSet, OrganizationMapping
from p2c.integrator.engine.companies import NAME_OF
from p2c.integrator.engine.environments import Environments
from p2c.integrator.store import Store
from p2c.odata.client.environment import Environment

_KEPT_IN = {
    "operations": ("LegalEntities", "LegalEntityId"),
    "commondata": ("Organizations", "OrganizationId"),
    "sales": ("businessunits", "name"),
}
"""Where each environment keeps its companies: entity set, and the field that the mapping names."""


async def check_organizations(
    store: Store, set_name: str, organizations: Sequence[OrganizationMapping], vault: Vault | None = None
) -> list[str]:
    """
    Look for every company in the environments of a connection set that answer now.

    Returns:
        Why some environments could not be asked.

    Raises:
        ConfigurationError: A company does not exist in one of them.
    """
    if not organizations:
        return []
    connection_set = await asyncio.to_thread(store.connection_set, set_name)
    unchecked: list[str] = []
    async with Environments(store, vault, attempts=1) as environments:
        for name in _KEPT_IN:
            try:
                known = await _known(environments, connection_set, name)
            except P2CError as error:
                unchecked.append(f"{name}: {error.what}")
                continue
            for item in organizations:
                _check(name, getattr(item, NAME_OF[name]), known)
    return unchecked


async def _known(environments: Environments, connection_set: ConnectionSet, name: str) -> Mapping[str, str]:
    """The companies of an environment, by their names as the integrator compares them."""
    environment: Environment = await environments.get(connection_set, name)
    entity_set, field = _KEPT_IN[name]
    entity = environment.model.entity_set[entity_set]
    found = [str(row[field]) async for page in environment.changes(entity, (field,), None) for row in page.rows]
    return {_compared(name, word): word for word in found}


def _check(name: str, company: str, known: Mapping[str, str]) -> None:
    if _compared(name, company) in known:
        return
    entity_set, field = _KEPT_IN[name]
    hint = nearest(company, known.values()) if known else "it has none yet"
    raise ConfigurationError(
        f"{name} has no {NAME_OF[name].replace('_', ' ')} {company!r}",
        where="organization mapping",
        way_out=followed(hint, f"create it in {entity_set} ({field}), or correct the name"),
    )


def _compared(name: str, company: str) -> str:
    return company if name == "sales" else company.lower()
