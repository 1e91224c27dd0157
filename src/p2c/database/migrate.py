"""Brings a database to the tables that the definitions ask for."""

from __future__ import annotations

from alembic.autogenerate import produce_migrations
from alembic.migration import MigrationContext
from alembic.operations import Operations, ops
from sqlalchemy import Connection, Engine, MetaData, Sequence, text
from sqlalchemy.exc import IntegrityError

from p2c.database.settled import is_settled, settle
from p2c.errors import ConfigurationError

_LOCK = 7_262_001
_ADDITIVE = (ops.CreateTableOp, ops.CreateIndexOp, ops.AddColumnOp)


def migrate(engine: Engine, metadata: MetaData) -> int:
    """
    Create what is missing; the number of steps taken. Several processes may call this at once.

    Only adds (tables, columns, indexes): data is never dropped by starting a newer version.

    Raises:
        ConfigurationError: A column has another type than its definition, or rows are doubles by a new unique index.
    """
    with engine.begin() as connection:
        if is_settled(connection, metadata):
            return 0
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _create_sequences(connection, metadata)
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": False, "include_object": _ours}
        )
        script = produce_migrations(context, metadata)
        upgrade = script.upgrade_ops
        steps = _flat(upgrade.ops) if upgrade is not None else []
        operations = Operations(context)
        taken = 0
        for step in steps:
            if isinstance(step, _ADDITIVE):
                _add(operations, step, str(engine.url.database))
                taken += 1
            elif isinstance(step, ops.AlterColumnOp) and step.modify_type is not None:
                raise ConfigurationError(
                    f"column {step.table_name}.{step.column_name} is {step.existing_type}, "
                    f"this version needs {step.modify_type}",
                    where=str(engine.url.database),
                    way_out="use a new data directory, or change the column's type by hand",
                )
        settle(connection, metadata)
        return taken


def _add(operations: Operations, step: ops.MigrateOperation, database: str) -> None:
    try:
        operations.invoke(step)
    except IntegrityError as error:
        raise ConfigurationError(
            "two rows have the same key by this version, which does not tell keys apart by case: "
            + " ".join(str(error.orig).split()),
            where=database,
            way_out="start the version before, delete one of the two, and start this version again",
        ) from error


def _create_sequences(connection: Connection, metadata: MetaData) -> None:
    for sequence in metadata._sequences.values():
        if isinstance(sequence, Sequence):
            sequence.create(connection, checkfirst=True)


def _flat(steps: list[ops.MigrateOperation]) -> list[ops.MigrateOperation]:
    flat: list[ops.MigrateOperation] = []
    for step in steps:
        if isinstance(step, ops.ModifyTableOps):
            flat.extend(_flat(step.ops))
        else:
            flat.append(step)
    return flat


def _ours(item: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """Leave tables, columns and indexes alone that no definition names."""
    return not (reflected and compare_to is None)
