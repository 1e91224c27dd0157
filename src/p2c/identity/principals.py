"""Who is known: applications and users, their secrets and the roles granted to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID


class Kind(Enum):
    """What a principal is."""

    APPLICATION = "application"
    """A program: gets tokens with its secret."""
    USER = "user"
    """A person, named by a domain name (`joe@example.com`): gets tokens with a password."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """The directory that all principals belong to; clients name it by id or domain."""

    id: UUID
    domain: str


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """A role in one environment (`sales`, `operations`, `commondata`, `integrator`)."""

    environment: str
    role: str


@dataclass(frozen=True, slots=True)
class Secret:
    """A client secret, or a person's password, as it is kept: its hash, and its first characters to tell it from
    others."""

    id: UUID
    hint: str
    hash: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Whether it opens anything at this time."""
        return now < self.expires_at and (self.revoked_at is None or now < self.revoked_at)


@dataclass(frozen=True, slots=True)
class Principal:
    """An application or a user. `id` is the object id; applications have an application id besides."""

    id: UUID
    kind: Kind
    name: str
    application_id: UUID | None
    domain_name: str
    enabled: bool
    created_at: datetime
    grants: tuple[Grant, ...] = ()
    secrets: tuple[Secret, ...] = ()

    @property
    def login(self) -> str:
        """What an environment knows it by: the application id of a program, the domain name of a person."""
        return str(self.application_id) if self.kind is Kind.APPLICATION else self.domain_name

    def roles(self, environment: str) -> tuple[str, ...]:
        """The roles granted in an environment, sorted."""
        return tuple(sorted(grant.role for grant in self.grants if grant.environment == environment))
