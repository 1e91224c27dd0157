"""Keeps the directory: the tenant, principals with secrets and grants, and signing keys, in PostgreSQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from p2c.database.connect import translated
from p2c.database.migrate import migrate
from p2c.database.session import utc_now
from p2c.database.vault import Vault
from p2c.errors import ConfigurationError, nearest
from p2c.identity.client_secrets import HINT_LENGTH, hashed, new_secret
from p2c.identity.principals import Grant, Kind, Principal, Secret, Tenant
from p2c.identity.signing import PublicKey, SigningKey, new_signing_key
from p2c.identity.tables import METADATA, PRINCIPAL, ROLE_GRANT, SECRET, SIGNING_KEY, TENANT

DOMAIN = "p2c.local"
SECRET_DAYS = 180
_KEY_PURPOSE = "identity signing key"
_LOCK = 7_262_003
_PUBLISHED_AFTER = timedelta(days=1)
"""How long a retired key is still published: longer than any token lives."""
Clock: TypeAlias = "Callable[[], datetime]"


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret just made: the only time that its text is there."""

    secret: Secret
    text: str = field(repr=False)


class IdentityStore:
    """The directory in a database, brought up to date. Thread safe.

    Raises:
        RetryError: From every method, when the database is away or busy.
    """

    def __init__(self, engine: Engine, vault: Vault, *, clock: Clock = utc_now) -> None:
        migrate(engine, METADATA)
        self._engine = engine
        self._vault = vault
        self.clock = clock

    def tenant(self) -> Tenant:
        """The tenant; made at the first call."""
        with self._begin(locked=True) as connection:
            row = connection.execute(select(TENANT)).one_or_none()
            if row is not None:
                return Tenant(row.id, row.domain)
            made = Tenant(uuid4(), DOMAIN)
            connection.execute(insert(TENANT).values(id=made.id, domain=made.domain))
            return made

    def add(self, kind: Kind, name: str, *, domain_name: str = "", application_id: UUID | None = None) -> Principal:
        """
        Add an application or a user; applications get an application id where none is given.

        Raises:
            ConfigurationError: The name, the domain name or the application id is taken.
        """
        if kind is Kind.APPLICATION and application_id is None:
            application_id = uuid4()
        made = Principal(uuid4(), kind, name, application_id, domain_name, True, self.clock())
        values = {
            "id": made.id,
            "kind": kind.value,
            "name": name,
            "application_id": application_id,
            "domain_name": domain_name,
            "enabled": True,
            "created_at": made.created_at,
        }
        try:
            with self._begin() as connection:
                connection.execute(insert(PRINCIPAL).values(values))
        except IntegrityError as error:
            raise ConfigurationError(
                f"{name!r}, or this domain name or application id, is there already",
                way_out="`p2c identity list` shows all",
            ) from error
        return made

    def principals(self) -> list[Principal]:
        """All, by name."""
        return self._read()

    def named(self, name: str) -> Principal:
        """
        The principal with this name.

        Raises:
            ConfigurationError: There is none.
        """
        found = self._read(PRINCIPAL.c.name == name)
        if not found:
            known = [principal.name for principal in self.principals()]
            raise ConfigurationError(f"nobody is called {name!r}", way_out=nearest(name, known))
        return found[0]

    def application(self, application_id: UUID) -> Principal | None:
        """The application with this application id."""
        found = self._read(PRINCIPAL.c.application_id == application_id)
        return found[0] if found else None

    def person(self, domain_name: str) -> Principal | None:
        """The person with this domain name, in any case."""
        wanted = func.lower(PRINCIPAL.c.domain_name) == domain_name.lower()
        found = self._read(PRINCIPAL.c.kind == Kind.USER.value, wanted)
        return found[0] if found else None

    def principal(self, object_id: UUID) -> Principal | None:
        """The principal with this object id."""
        found = self._read(PRINCIPAL.c.id == object_id)
        return found[0] if found else None

    def principal_of(self, object_id: object, application_id: object, domain_name: object) -> Principal | None:
        """Who a user's row in an environment stands for: by the first of these that it has."""
        if isinstance(object_id, UUID):
            return self.principal(object_id)
        if isinstance(application_id, UUID):
            return self.application(application_id)
        found = self._read(PRINCIPAL.c.domain_name == domain_name) if isinstance(domain_name, str) else []
        return found[0] if found and domain_name else None

    def set_enabled(self, principal: Principal, enabled: bool) -> None:
        """Let a principal in, or keep it out; what was granted stays."""
        with self._begin() as connection:
            connection.execute(update(PRINCIPAL).where(PRINCIPAL.c.id == principal.id).values(enabled=enabled))

    def grant(self, principal: Principal, grants: Iterable[Grant]) -> None:
        """Grant roles; those that are granted already stay."""
        rows = [
            {"principal_id": principal.id, "environment": grant.environment, "role": grant.role} for grant in grants
        ]
        if rows:
            with self._begin() as connection:
                connection.execute(upsert(ROLE_GRANT).on_conflict_do_nothing(), rows)

    def revoke(self, principal: Principal, grants: Iterable[Grant]) -> int:
        """Take roles away; how many there were."""
        own = ROLE_GRANT.c.principal_id == principal.id
        with self._begin() as connection:
            return sum(
                connection.execute(
                    delete(ROLE_GRANT).where(
                        own, ROLE_GRANT.c.environment == grant.environment, ROLE_GRANT.c.role == grant.role
                    )
                ).rowcount
                for grant in grants
            )

    def add_secret(self, principal: Principal, days: int = SECRET_DAYS) -> NewSecret:
        """A new secret for an application, or password for a person, valid for some days; the others stay valid."""
        words = new_secret()
        now = self.clock()
        made = Secret(uuid4(), words[:HINT_LENGTH], hashed(words), now, now + timedelta(days=days))
        values = {
            "id": made.id,
            "principal_id": principal.id,
            "hint": made.hint,
            "hash": made.hash,
            "created_at": made.created_at,
            "expires_at": made.expires_at,
        }
        with self._begin() as connection:
            connection.execute(insert(SECRET).values(values))
        return NewSecret(made, words)

    def revoke_secrets(self, secrets: Sequence[Secret], *, after: timedelta = timedelta(0)) -> None:
        """Let secrets end, at once or after a while in which clients change over."""
        moment = self.clock() + after
        with self._begin() as connection:
            connection.execute(
                update(SECRET)
                .where(SECRET.c.id.in_([secret.id for secret in secrets]))
                .where(SECRET.c.revoked_at.is_(None) | (SECRET.c.revoked_at > moment))
                .values(revoked_at=moment)
            )

    def signing_key(self) -> SigningKey:
        """The key that signs; made when there is none."""
        with self._begin(locked=True) as connection:
            row = connection.execute(select(SIGNING_KEY).where(SIGNING_KEY.c.retired_at.is_(None))).first()
            if row is None:
                return self._new_key(connection)
            private = self._vault.open(row.private_sealed, _KEY_PURPOSE)
            return SigningKey(PublicKey(row.kid, row.public_pem), private)

    def rotate_signing_key(self) -> SigningKey:
        """A new key that signs from now on; tokens that the old one signed stay valid until they expire."""
        with self._begin(locked=True) as connection:
            active = SIGNING_KEY.c.retired_at.is_(None)
            connection.execute(update(SIGNING_KEY).where(active).values(retired_at=self.clock()))
            return self._new_key(connection)

    def public_keys(self) -> list[PublicKey]:
        """The keys that tokens may be checked with, the signing one first."""
        fresh = SIGNING_KEY.c.retired_at.is_(None) | (SIGNING_KEY.c.retired_at > self.clock() - _PUBLISHED_AFTER)
        query = select(SIGNING_KEY).where(fresh).order_by(SIGNING_KEY.c.created_at.desc())
        with self._begin() as connection:
            return [PublicKey(row.kid, row.public_pem, row.retired_at) for row in connection.execute(query)]

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _new_key(self, connection: Connection) -> SigningKey:
        key = new_signing_key()
        values = {
            "kid": key.public.kid,
            "public_pem": key.public.pem,
            "private_sealed": self._vault.seal(key.private_pem, _KEY_PURPOSE),
            "created_at": self.clock(),
        }
        connection.execute(insert(SIGNING_KEY).values(values))
        return key

    def _read(self, *where: ColumnElement[bool]) -> list[Principal]:
        with self._begin() as connection:
            rows = connection.execute(select(PRINCIPAL).where(*where).order_by(PRINCIPAL.c.name)).all()
            ids = [row.id for row in rows]
            grants: dict[UUID, list[Grant]] = defaultdict(list)
            for row in connection.execute(select(ROLE_GRANT).where(ROLE_GRANT.c.principal_id.in_(ids))):
                grants[row.principal_id].append(Grant(row.environment, row.role))
            secrets: dict[UUID, list[Secret]] = defaultdict(list)
            query = select(SECRET).where(SECRET.c.principal_id.in_(ids)).order_by(SECRET.c.created_at)
            for row in connection.execute(query):
                secrets[row.principal_id].append(_secret(row))
        return [_principal(row, grants[row.id], secrets[row.id]) for row in rows]

    @contextmanager
    def _begin(self, *, locked: bool = False) -> Iterator[Connection]:
        """A transaction; with `locked` one at a time among all processes."""
        with translated(), self._engine.begin() as connection:
            if locked:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            yield connection


def _secret(row: Row[Any]) -> Secret:
    return Secret(row.id, row.hint, row.hash, _utc(row.created_at), _utc(row.expires_at), row.revoked_at)


def _principal(row: Row[Any], grants: Sequence[Grant], secrets: Sequence[Secret]) -> Principal:
    return Principal(
        row.id,
        Kind(row.kind),
        row.name,
        row.application_id,
        row.domain_name,
        row.enabled,
        _utc(row.created_at),
        tuple(sorted(grants)),
        tuple(secrets),
    )


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
