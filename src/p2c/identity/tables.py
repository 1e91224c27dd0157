"""The tables of the identity database."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Index, MetaData, Table, Text, Uuid, func

METADATA = MetaData()

TENANT = Table(
    "tenant",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("domain", Text, nullable=False),
)

PRINCIPAL = Table(
    "principal",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False, unique=True),
    Column("application_id", Uuid, unique=True),
    Column("domain_name", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
Index(
    "uq_principal_domain_name",
    func.lower(PRINCIPAL.c.domain_name),
    unique=True,
    postgresql_where=PRINCIPAL.c.domain_name != "",
)

SECRET = Table(
    "secret",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("principal_id", Uuid, ForeignKey("principal.id"), nullable=False),
    Column("hint", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Index("ix_secret_principal", "principal_id"),
)

ROLE_GRANT = Table(
    "role_grant",
    METADATA,
    Column("principal_id", Uuid, ForeignKey("principal.id"), primary_key=True),
    Column("environment", Text, primary_key=True),
    Column("role", Text, primary_key=True),
)

SIGNING_KEY = Table(
    "signing_key",
    METADATA,
    Column("kid", Text, primary_key=True),
    Column("public_pem", Text, nullable=False),
    # Sealed: see p2c.database.vault.
    Column("private_sealed", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("retired_at", DateTime(timezone=True)),
)
