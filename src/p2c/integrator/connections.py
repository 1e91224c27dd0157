"""Where a project's environments are, and which of their companies belong together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from p2c.errors import ConfigurationError, nearest
from p2c.integrator.mapping.template import ENVIRONMENTS, End, Task
from p2c.odata.client.credentials import ENTRA_ID


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """The application that the integrator is at an environment.

    `secret` is sealed by the vault, and empty where a certificate proves who it is: `certificate` names the PEM file of
    its private key, `thumbprint` is its SHA-1 in hex. `authority` is the identity service without the tenant; `trust`
    names a file of certificates to trust beside the system's.
    """

    tenant: str
    application: str
    authority: str = ENTRA_ID
    secret: str = field(default="", repr=False)
    certificate: str = ""
    thumbprint: str = ""
    trust: str = ""


@dataclass(frozen=True, slots=True)
class Connection:
    """An environment's base URL, and who the integrator is there (None: nobody is asked).

    The protocol dialect follows from `environment` (one of ENVIRONMENTS).

    Raises:
        ConfigurationError: The environment is not known.
    """

    name: str
    environment: str
    url: str
    sign_in: SignIn | None = None

    @property
    def purpose(self) -> str:
        """What the connection's secret is sealed for."""
        return f"connection {self.name}"

    def __post_init__(self) -> None:
        if self.environment not in ENVIRONMENTS:
            raise ConfigurationError(
                f"no environment is called {self.environment!r}",
                where=f"connection {self.name}",
                way_out=nearest(self.environment, ENVIRONMENTS),
            )


@dataclass(frozen=True, slots=True)
class OrganizationMapping:
    """One company under its three names: Operations' legal entity (`dataAreaId`), the Common Data Service's
    organization (`OrganizationId`) and the name of Sales' business unit."""

    legal_entity: str
    organization: str
    business_unit: str


@dataclass(frozen=True, slots=True)
class ConnectionSet:
    """The connections that projects use together.

    `connections` maps an environment to a connection's name. `keys` maps `<environment>.<entity set>` to the
    fields of its integration key, where it differs from the template's.
    """

    name: str
    connections: Mapping[str, str]
    organizations: tuple[OrganizationMapping, ...] = ()
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def key(self, end: End) -> tuple[str, ...]:
        """The integration key of one end of a leg, without the company: the set's own, or the template's."""
        return self.keys.get(f"{end.environment}.{end.entity}", end.key)

    def keyed(self, task: Task) -> Task:
        """A task with this set's integration keys in place of the template's."""
        legs = (
            replace(
                leg,
                source=replace(leg.source, key=self.key(leg.source)),
                destination=replace(leg.destination, key=self.key(leg.destination)),
            )
            for leg in task.legs
        )
        return replace(task, legs=tuple(legs))
