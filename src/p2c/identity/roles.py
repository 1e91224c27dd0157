"""Which roles an environment has, and what somebody with several of them may do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_

from p2c.errors import ConfigurationError, followed, nearest
from p2c.identity.dataverse_roles import DATAVERSE_ROLES
from p2c.identity.duties import OPERATIONS_ROLES
from p2c.identity.principals import Grant
from p2c.odata.service.access import ANY_TABLE, Level, Privilege, Rights

_READER = Rights({(ANY_TABLE, Privilege.READ): Level.ORGANIZATION})

ROLES: Mapping[str, Mapping[str, Rights]] = {
    "sales": DATAVERSE_ROLES,
    "operations": OPERATIONS_ROLES,
    "commondata": {
        name: DATAVERSE_ROLES[name] for name in ("System Administrator", "System Customizer", "Reader", "Integration")
    },
    "integrator": {"Administrator": Rights(administrator=True), "Reader": _READER},
}
"""Rights by environment and role."""


def rights_of(environment: str, roles: Iterable[str]) -> Rights:
    """What somebody with these roles may do; roles that this version does not know give nothing."""
    known = ROLES.get(environment, {})
    return reduce(or_, (known[role] for role in roles if role in known), Rights())


def parse_grant(words: str) -> Grant:
    """
    A grant written `environment=role`, in any case.

    Raises:
        ConfigurationError: There is no such environment or role.
    """
    environment, _, role = (part.strip() for part in words.partition("="))
    if environment not in ROLES:
        raise ConfigurationError(f"no environment is called {environment!r}", way_out=nearest(environment, ROLES))
    known = {name.lower(): name for name in ROLES[environment]}
    if role.lower() not in known:
        raise ConfigurationError(
            f"{environment} has no role {role!r}",
            way_out=followed(nearest(role, known.values()), "`p2c identity roles` lists all"),
        )
    return Grant(environment, known[role.lower()])
