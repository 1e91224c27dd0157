"""Procrastinate's tables, in a schema of their own beside the integrator's, brought to the installed version."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from p2c.database.connect import translated
from p2c.integrator.store.tables import QUEUE_SCHEMA

SEARCH_PATH = f"{QUEUE_SCHEMA}, public"
_LOCK = 7_262_002
_PACKAGE = "procrastinate"


def migrate_queue(engine: Engine) -> None:
    """Create or bring up to date the tables of the queue. Several processes may call this at once."""
    installed = version(_PACKAGE)
    with translated(), engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {QUEUE_SCHEMA}"))
        connection.execute(text(f"SET LOCAL search_path TO {SEARCH_PATH}"))
        connection.execute(text("CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY)"))
        done = set(connection.execute(text("SELECT name FROM migration")).scalars())
        # Reading the package's files means importing it, which only a new version is worth.
        if installed not in done:
            _bring_up_to_date(connection, done, installed)


def _bring_up_to_date(connection: Connection, done: set[str], installed: str) -> None:
    from procrastinate.schema import SchemaManager

    steps = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    if not done:
        # As it comes it has all migrations in it.
        _execute(connection, SchemaManager.get_schema())
    for step in steps:
        if done and step.name not in done:
            _execute(connection, step.read_text("utf-8"))
    names = [{"name": name} for name in (*(step.name for step in steps), installed)]
    connection.execute(text("INSERT INTO migration (name) VALUES (:name) ON CONFLICT DO NOTHING"), names)


def _execute(connection: Connection, script: str) -> None:
    """Several statements at once, as they stand."""
    cursor = connection.connection.cursor()
    cursor.execute(script)
    cursor.close()
