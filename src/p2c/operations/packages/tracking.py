"""Version tokens: how far each project has exported an entity, so that the next export has the changes only."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from p2c.database.session import Session
from p2c.operations.packages.storage import PackageTables

NOTHING = 0


class VersionTokens:
    """The tokens of all projects, by entity and company; a token is a transaction of the database."""

    def __init__(self, tables: PackageTables) -> None:
        self._table = tables.token

    def since(self, session: Session, project: str, entity: str, company: str) -> int:
        """The transaction whose rows the next export begins with; 0 for all rows."""
        table = self._table
        found = session.connection.execute(
            select(table.c.since).where(
                table.c.project == project, table.c.entity == entity, table.c.company == company
            )
        ).scalar_one_or_none()
        return NOTHING if found is None else int(found)

    def move(self, session: Session, project: str, company: str, tokens: Mapping[str, int]) -> None:
        """Remember how far entities have been exported."""
        for entity, since in tokens.items():
            row = {"project": project, "entity": entity, "company": company, "since": since}
            statement = insert(self._table).values(row)
            session.connection.execute(
                statement.on_conflict_do_update(index_elements=["project", "entity", "company"], set_={"since": since})
            )

    def reset(self, session: Session, project: str, entity: str) -> bool:
        """Forget how far an entity has been exported, in every company; whether there was anything to forget."""
        table = self._table
        which = delete(table).where(table.c.project == project, table.c.entity == entity)
        return bool(session.connection.execute(which.returning(table.c.since)).all())
