"""Carries changes of definitions through: kept as data, made in the database, all in one transaction."""

from __future__ import annotations

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, InvalidRequestError

from p2c.database.alter import alter
from p2c.database.connect import first_line
from p2c.database.customizations import read_customization, write_customization
from p2c.database.migrate import migrate
from p2c.database.session import Database
from p2c.edm.customization import Customization
from p2c.odata.service.dataverse.customizing.answer import Asked
from p2c.odata.service.dataverse.customizing.edition import Blueprint, Edition
from p2c.odata.service.dataverse.customizing.refusals import KEY_VIOLATED, NAME_TAKEN, bad
from p2c.odata.service.faults import RequestError

_IMPOSSIBLE = ("22", "42", "54")
"""Classes of what PostgreSQL refuses for good: values that do not fit, names and types, limits of a table."""


class Customizer:
    """Holds the current edition of an environment and makes the next one. Not thread safe: one change at a time."""

    def __init__(self, blueprint: Blueprint, engine: Engine) -> None:
        """
        Bring the database to the shipped model with what its users have added.

        Raises:
            ConfigurationError: The database has other tables of the same names.
        """
        self._blueprint = blueprint
        with engine.begin() as connection:
            added = read_customization(connection)
        self.edition = blueprint.edition(added)
        migrate(engine, self.edition.storage.metadata)

    def change(self, database: Database, asked: Asked) -> str:
        """
        Carry out a change of definitions; `edition` is then the new one.

        Returns:
            The id of the definition that was made, empty where none was.

        Raises:
            RequestError: What is asked for is not possible; nothing has changed then.
            RetryError: The database could not finish.
        """
        change = asked(self.edition)
        after = self._next(change.after)
        with database.begin() as session:
            write_customization(session.connection, self.edition.customization, change.after)
            self._alter(session.connection, after)
        # Connections keep plans of statements, and a plan does not outlive a change of its columns' types.
        database.engine.dispose()
        self.edition = after
        return change.made

    def _next(self, added: Customization) -> Edition:
        try:
            return self._blueprint.edition(added)
        except (ValueError, ArgumentError, InvalidRequestError) as error:
            raise bad(
                f"a name is taken by what the service keeps itself ({error}); choose another", NAME_TAKEN
            ) from error

    def _alter(self, connection: Connection, after: Edition) -> None:
        try:
            alter(connection, self.edition.storage, after.storage)
        except IntegrityError as error:
            message = f"rows that are there break the key ({first_line(error)}); mend them first"
            raise RequestError(412, message, KEY_VIOLATED) from error
        except DBAPIError as error:
            state = getattr(error.orig, "sqlstate", None) or ""
            if state[:2] in _IMPOSSIBLE:
                raise bad(f"the database cannot do that ({first_line(error)})") from error
            raise
