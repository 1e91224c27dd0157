"""Opens environments: the protocol dialect follows from which environment a connection is for."""

from __future__ import annotations

from p2c.integrator.connections import Connection
from p2c.odata.client.dataverse import DataverseEnvironment
from p2c.odata.client.environment import Environment
from p2c.odata.client.fno import FnoEnvironment
from p2c.odata.client.http import HttpEnvironment


def open_environment(connection: Connection) -> Environment:
    """A client for the connection; nothing is sent yet."""
    http = HttpEnvironment(connection.url, name=connection.name)
    if connection.environment == "operations":
        return FnoEnvironment(http)
    return DataverseEnvironment(http)
