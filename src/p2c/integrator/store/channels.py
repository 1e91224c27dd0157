"""Where notices go, as it is set up."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, Row, delete, select
from sqlalchemy.dialects.postgresql import insert

from p2c.errors import ConfigurationError, nearest
from p2c.integrator.notices import Channel, Mail, Webhook
from p2c.integrator.store.tables import CHANNEL
from p2c.integrator.store.transactions import Transactions


class Channels(Transactions):
    """Channels, with their sealed secrets."""

    def channels(self) -> list[Channel]:
        """All channels, ordered by name."""
        with self._begin() as connection:
            return all_channels(connection)

    def channel(self, name: str) -> Channel:
        """
        One channel.

        Raises:
            ConfigurationError: There is none of that name.
        """
        known = {channel.name: channel for channel in self.channels()}
        if name not in known:
            way_out = nearest(name, known) if known else "`p2c notify add` makes one"
            raise ConfigurationError(f"there is no channel {name!r}", way_out=way_out)
        return known[name]

    def save_channel(self, channel: Channel) -> None:
        """Add a channel, or replace the one of its name."""
        definition = asdict(channel)
        values = {"name": definition.pop("name"), "definition": definition}
        statement = insert(CHANNEL).values(values)
        changed = {"definition": statement.excluded.definition}
        with self._begin() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed))

    def remove_channel(self, name: str) -> None:
        """Forget a channel."""
        with self._begin() as connection:
            connection.execute(delete(CHANNEL).where(CHANNEL.c.name == name))


def all_channels(connection: Connection) -> list[Channel]:
    """All channels, ordered by name, as part of a transaction."""
    return [_channel(row) for row in connection.execute(select(CHANNEL).order_by(CHANNEL.c.name))]


def _channel(row: Row[tuple[object, ...]]) -> Channel:
    stored = row.definition
    if "url" in stored:
        return Webhook(name=row.name, **stored)
    return Mail(name=row.name, **{**stored, "to": tuple(stored["to"])})
