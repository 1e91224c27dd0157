"""An integrator's store and the services that it works between, wherever they run, with ways to fill and read them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from types import TracebackType
from typing import Self, TypeAlias, TypeVar
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

import msgspec

from p2c.database.connect import open_database
from p2c.integrator.connections import Connection, OrganizationMapping
from p2c.integrator.default_setup import default_setup
from p2c.integrator.engine.environments import open_environment
from p2c.integrator.projects import CONNECTION_SET
from p2c.integrator.store import Store
from p2c.odata.client.environment import Environment, Upsert, WriteResult, Written
from p2c.odata.client.http import Answer, HttpEnvironment
from p2c.odata.client.rows import encode

Json: TypeAlias = dict[str, object]
"""A row as the public API has it: lookups as `x@odata.bind` when sent, as `_x_value` when read."""

_T = TypeVar("_T")
_BULK = 500
_decode = msgspec.json.Decoder(Json, float_hook=Decimal).decode


class Reach:
    """
    The services at `urls`, which are called "sales", "operations" and "commondata", and an integrator's store.

    The store has a project for each shipped template (named as it) over the database of `engine`; `companies` sets
    whose rows flow where.
    """

    def __init__(self, urls: Mapping[str, str], integrator_database: str) -> None:
        self._loop = asyncio.new_event_loop()
        self.urls = urls
        self.engine = open_database(integrator_database)
        self.store = Store(self.engine)
        default_setup(self.store, urls, ())
        self._https = {name: self.wait(_http(name, url)) for name, url in urls.items()}
        self._clients: dict[str, Environment] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._clients.values():
            self.wait(client.close())
        for http in self._https.values():
            self.wait(http.close())
        self.engine.dispose()
        self._loop.close()

    def wait(self, work: Coroutine[object, object, _T]) -> _T:
        """The result of a coroutine, run on the laboratory's own event loop."""
        return self._loop.run_until_complete(work)

    def client(self, environment: str) -> Environment:
        """The integrator's client of a service, connected."""
        if environment not in self._clients:
            self._clients[environment] = self.wait(_connected(self.store.connection(environment)))
        return self._clients[environment]

    def send(
        self,
        environment: str,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request below the base URL; bytes are sent as they are, everything else as JSON."""
        data = body if isinstance(body, bytes) or body is None else encode(body)
        return self.wait(self._https[environment].send(method, path, body=data, headers=headers))

    def rows(self, environment: str, entity_set: str, filter: str = "", select: str = "") -> list[Json]:
        """All rows of all companies that a `$filter` lets through; amounts are Decimals or ints."""
        options = ["cross-company=true"] if environment == "operations" else []
        options += [f"$filter={quote(filter)}"] if filter else []
        options += [f"$select={select}"] if select else []
        found: list[Json] = []
        path = f"{entity_set}?{'&'.join(options)}"
        while path:
            answer = self.send(environment, "GET", path)
            page = _decode(answer.body)
            assert answer.status == 200, f"GET {path}: {answer.status} {page}"
            found.extend(msgspec.convert(page["value"], list[Json]))
            path = str(page.get("@odata.nextLink", ""))
        return found

    def row(self, environment: str, entity_set: str, filter: str) -> Json:
        """The one row that a `$filter` lets through."""
        (found,) = self.rows(environment, entity_set, filter)
        return found

    def write(
        self, environment: str, entity_set: str, rows: Sequence[Mapping[str, object]], key: Sequence[str] = ()
    ) -> list[WriteResult]:
        """
        Upsert rows through the public API, in bulk; one result a row.

        `key` names the properties that address a row, which every row must have: the entity's own key unless
        given.
        """
        client = self.client(environment)
        entity = client.model.entity_set[entity_set]
        names = tuple(key) or entity.key
        upserts = [
            Upsert(
                {name: row[name] for name in names},  # type: ignore[misc]
                {name: value for name, value in row.items() if name not in names},  # type: ignore[misc]
                {},
                exists=False,
            )
            for row in rows
        ]
        results: list[WriteResult] = []
        for start in range(0, len(upserts), _BULK):
            results += self.wait(client.upsert(entity, upserts[start : start + _BULK]))
        return results

    def load(
        self, environment: str, entity_set: str, rows: Sequence[Mapping[str, object]], key: Sequence[str] = ()
    ) -> None:
        """Upsert rows that must all be accepted; see `write`."""
        results = self.write(environment, entity_set, rows, key)
        refused = [
            f"{result.message} {row}"
            for row, result in zip(rows, results, strict=True)
            if result.written is Written.REFUSED
        ]
        assert not refused, f"{len(refused)} {entity_set} refused, first: {refused[0]}"

    def companies(self, *organizations: OrganizationMapping) -> None:
        """Set the organization mapping of all projects."""
        known = self.store.connection_set(CONNECTION_SET)
        self.store.save_connection_sets([replace(known, organizations=organizations)])


def guid(*name: object) -> str:
    """A GUID that is always the same for a name, so that rows can be referred to before they exist."""
    return str(uuid5(NAMESPACE_URL, "/".join(str(part) for part in name)))


def reference(entity_set: str, key: str) -> str:
    """The value of an `@odata.bind`: a row by its primary key."""
    return f"/{entity_set}({key})"


async def _http(name: str, url: str) -> HttpEnvironment:
    # Made inside the event loop that it belongs to.
    return HttpEnvironment(url, name=name)


async def _connected(connection: Connection) -> Environment:
    environment = open_environment(connection)
    await environment.connect()
    return environment
