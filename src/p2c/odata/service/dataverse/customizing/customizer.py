"""Carries changes of definitions through: kept as data, made in the database, all in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, ProgrammingError

from p2c.database.alter import alter
from p2c.database.connect import first_line
from p2c.database.customizations import read_customization, write_customization
from p2c.database.migrate import migrate
from p2c.database.session import Database
from p2c.odata.query.path import Segment
from p2c.odata.service.dataverse.customizing.answer import asked_change
from p2c.odata.service.dataverse.customizing.edition import Blueprint
from p2c.odata.service.dataverse.customizing.refusals import KEY_VIOLATED, bad
from p2c.odata.service.faults import RequestError
from p2c.odata.service.message import Request


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

    def change(self, database: Database, request: Request, segments: Sequence[Segment]) -> str:
        """
        Carry out a request that changes definitions; `edition` is then the new one.

        Returns:
            The id of the definition that was made, empty where none was.

        Raises:
            RequestError: The caller may not, or what is asked for is not possible; nothing has changed then.
            RetryError: The database could not finish.
        """
        change = asked_change(self.edition, request, segments)
        after = self._blueprint.edition(change.after)
        try:
            with database.begin() as session:
                write_customization(session.connection, self.edition.customization, change.after)
                alter(session.connection, self.edition.storage, after.storage)
        except IntegrityError as error:
            message = f"rows that are there break the key ({first_line(error)}); mend them first"
            raise RequestError(412, message, KEY_VIOLATED) from error
        except ProgrammingError as error:
            raise bad(f"the database cannot do that ({first_line(error)})") from error
        self.edition = after
        return change.made
