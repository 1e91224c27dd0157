"""A Dataverse environment: change tracking, bulk upserts that are halved until bad rows are alone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from urllib.parse import parse_qs, quote, urlsplit
from uuid import UUID

import msgspec

from p2c.edm.entity import Entity
from p2c.edm.values import Row, Value
from p2c.errors import StopError
from p2c.odata import batch
from p2c.odata.client.connected import ConnectedEnvironment, deleted
from p2c.odata.client.dataverse_division import OF_KEYS, divided, select_of, selecting
from p2c.odata.client.environment import (
    BATCH,
    CheckpointExpiredError,
    Division,
    KeyRange,
    Tracking,
    Upsert,
    WriteResult,
    Written,
)
from p2c.odata.client.http import Answer, HttpEnvironment, error_message, error_of
from p2c.odata.client.ranges import condition_of
from p2c.odata.client.rows import MissingColumnsError, RowDecoder, RowPage, encode, portions
from p2c.odata.query import key_segment, quote_path

PAGE_SIZE = 5000
COUNTED = 5000
VALUES_A_QUERY = 500
ROWS_ALONE = 16
"""So few rows of a refused bulk call are sent one by one instead of being halved further."""
_JSON = {"Content-Type": "application/json"}
_EXPIRED = "0x80044352"
_NOT_TAKEN = (400, 410)
"""How a link is refused that was not given out as it is asked for."""
_NOBODY = str(UUID(int=0))


class _WhoAmI(msgspec.Struct):
    OrganizationId: str = ""


_WRITTEN = 204
_CREATED, _UPDATED = WriteResult(Written.CREATED), WriteResult(Written.UPDATED)


class DataverseEnvironment(ConnectedEnvironment):
    """One Dataverse environment (Sales, the Common Data Service)."""

    needs_match = True

    def __init__(self, http: HttpEnvironment, *, page_size: int = PAGE_SIZE) -> None:
        super().__init__(http, page_size)

    async def get(self, path: str) -> bytes:
        """The body of a GET below the base URL that must succeed."""
        return await self._http.get(path)

    async def identity(self) -> str:
        """The organization's id, by WhoAmI."""
        try:
            told = msgspec.json.decode(await self.get("WhoAmI"), type=_WhoAmI)
        except (StopError, msgspec.MsgspecError):
            return ""
        return told.OrganizationId if told.OrganizationId != _NOBODY else ""

    async def tracking(self, entity: Entity) -> Tracking:
        """Every entity has delta links."""
        return Tracking("delta links: only what has changed is read")

    async def changes(self, entity: Entity, names: Sequence[str], since: str | None) -> AsyncIterator[RowPage]:
        """Pages since a delta link, or of all rows."""
        link = (since or "").removesuffix(OF_KEYS)
        of_keys = link != (since or "")
        decoder = RowDecoder(entity, (*entity.key, *names), complete=of_keys)
        headers = {"Prefer": f"odata.track-changes,odata.maxpagesize={self._page_size}"}
        continued = _below(link, entity)
        if not _tells(continued, entity, names):
            raise CheckpointExpiredError(
                "the delta link was given out for other columns", where=f"{self.name}, {entity.set_name}"
            )
        path = continued or selecting(entity, (*entity.key, *names))
        while path:
            answer = await self._http.send("GET", path, headers=headers)
            if answer.status != 200:
                expired = error_of(answer.body)[0] == _EXPIRED or (of_keys and answer.status in _NOT_TAKEN)
                if path == continued and expired:
                    raise CheckpointExpiredError(error_message(answer.body), where=f"{self.name}, {entity.set_name}")
                raise self._stopped(f"reading {entity.set_name}", answer)
            try:
                page = decoder.page(answer.body)
            except MissingColumnsError as error:
                raise CheckpointExpiredError(error.what, where=error.where) from error
            yield page
            path = page.next_link or ""

    async def divide(self, entity: Entity, names: Sequence[str], part_rows: int) -> Division | None:
        """By a tracked read of the keys alone, whose delta link is asked for these columns afterwards."""
        try:
            return await divided(self, entity, names, part_rows)
        except StopError:
            # What it refuses is told by the undivided read, should that need it too.
            return None

    async def part(self, entity: Entity, names: Sequence[str], part: KeyRange) -> AsyncIterator[RowPage]:
        """Pages by a filter on the key, without change tracking."""
        decoder = RowDecoder(entity, (*entity.key, *names))
        condition = quote(condition_of(entity.key[0], part))
        path = f"{selecting(entity, (*entity.key, *names))}&$filter={condition}"
        while path:
            page = decoder.page(await self._http.get(path, {"Prefer": f"odata.maxpagesize={self._page_size}"}))
            yield page
            path = page.next_link or ""

    async def count(self, entity: Entity) -> int | None:
        """How many rows there are; None from 5,000 on, which is as far as this product counts."""
        body = await self._http.get(f"{entity.set_name}/$count")
        count = int(body.decode("utf-8-sig"))
        return count if count < COUNTED else None

    async def by_values(self, entity: Entity, names: Sequence[str], column: str, values: Sequence[Value]) -> list[Row]:
        """Rows by the In query function, some hundred values a request."""
        decoder = RowDecoder(entity, (*entity.key, *names))
        item = entity.property[column]
        wire = f"_{column}_value" if item.is_lookup else column
        found: list[Row] = []
        texts = (quote(json.dumps(str(value), ensure_ascii=False)) for value in dict.fromkeys(values))
        for part in portions(texts, VALUES_A_QUERY):
            condition = f"Microsoft.Dynamics.CRM.In(PropertyName='{wire}',PropertyValues=[{','.join(part)}])"
            path = f"{selecting(entity, (*entity.key, *names))}&$filter={condition}"
            found += await self._all_pages(path, decoder)
        return found

    async def writing(self, entity: Entity) -> str:
        """Always in bulk calls."""
        return f"bulk calls of {BATCH} rows"

    async def rows_a_write(self, entity: Entity, expected: int | None) -> int:
        """Always as many as a bulk call."""
        return BATCH

    async def upsert(self, entity: Entity, rows: Sequence[Upsert]) -> list[WriteResult]:
        """One UpsertMultiple; when it is refused, its halves, and a few rows one by one: bad rows end alone."""
        if not rows:
            return []
        # Each row is written by itself and joined: dictionaries with the address in them would be made for nothing.
        begin = b'{"@odata.type":%b,"@odata.id":' % encode(f"{self.model.namespace}.{entity.name}")
        targets = [begin + encode(self._address(entity, row)) + _rest(self._body(entity, row)) for row in rows]
        path = f"{entity.set_name}/Microsoft.Dynamics.CRM.UpsertMultiple"
        answer = await self._http.send("POST", path, body=b'{"Targets":[%b]}' % b",".join(targets))
        if answer.status == _WRITTEN:
            self.traffic.writes += len(rows)
            return [_UPDATED if row.exists else _CREATED for row in rows]
        if answer.status < 400:
            # A page to sign in at, a gateway's welcome: not the word that all rows are written.
            raise StopError(
                f"writing {entity.set_name} answered {answer.status} instead of {_WRITTEN}",
                where=self.where,
                way_out="check the connection's URL: something else answers there; what it wrote is not known",
            )
        if answer.status in (401, 403, 405) or (answer.status == 404 and len(rows) > 1 and self._no_route(answer)):
            raise self._stopped(f"writing {entity.set_name}", answer)
        if len(rows) == 1:
            self.traffic.writes += 1
            code, message = error_of(answer.body)
            return [WriteResult(Written.REFUSED, code, message)]
        if len(rows) <= ROWS_ALONE:
            return await self._each_alone(entity, rows)
        middle = len(rows) // 2
        return [*await self.upsert(entity, rows[:middle]), *await self.upsert(entity, rows[middle:])]

    async def _each_alone(self, entity: Entity, rows: Sequence[Upsert]) -> list[WriteResult]:
        """Each row as an upsert of its own, all in one batch that goes on after errors."""
        parts = [
            batch.request_part(
                "PATCH",
                quote_path(self._address(entity, row)),
                _JSON,
                self._body(entity, row),
            )
            for row in rows
        ]
        answers = await self._all_of(parts, f"writing {entity.set_name} one by one")
        return [_result(row, part) for row, part in zip(rows, answers, strict=True)]

    async def delete(self, entity: Entity, keys: Sequence[Row]) -> list[WriteResult]:
        """DELETE by key, many in a batch that goes on after errors."""
        results: list[WriteResult] = []
        for start in range(0, len(keys), BATCH):
            paths = [quote_path(f"{entity.set_name}{key_segment(key.items())}") for key in keys[start : start + BATCH]]
            parts = [batch.request_part("DELETE", path, {}, b"") for path in paths]
            results += map(deleted, await self._all_of(parts, f"deleting {entity.set_name}"))
        return results

    async def _all_of(self, parts: Sequence[batch.Part], doing: str) -> list[batch.Part]:
        """The answers to writes in one batch, each of which is tried."""
        answer = await self._send_batch(parts, {"Prefer": "odata.continue-on-error"})
        if answer.status != 200:
            raise self._stopped(doing, answer)
        answers = self._answers(answer, len(parts))
        self.traffic.writes += len(answers)
        return answers

    def _address(self, entity: Entity, row: Upsert) -> str:
        primary = entity.key[0]
        # The primary key stands without a name.
        pairs = [("", row.key[primary])] if len(row.key) == 1 and primary in row.key else row.key.items()
        return f"{entity.set_name}{key_segment(pairs)}"

    def _body(self, entity: Entity, row: Upsert) -> bytes:
        if not row.binds:
            return encode(row.values)
        target: dict[str, object] = dict(row.values)
        for lookup, bind in row.binds.items():
            item = entity.property[lookup]
            if bind is None:
                target.update({f"{name}@odata.bind": None for name in item.navigations})
                continue
            navigation = item.navigations[item.targets.index(bind[0])]
            target[f"{navigation}@odata.bind"] = f"/{self.model.entity[bind[0]].set_name}({bind[1]})"
        return encode(target)

    def _no_route(self, answer: Answer) -> bool:
        return error_of(answer.body)[0] == "0x8006088a"

    def _stopped(self, doing: str, answer: Answer) -> StopError:
        code, message = error_of(answer.body)
        return StopError(f"{doing} answered {answer.status} {code}: {message}", where=self._http.where)


def _rest(body: bytes) -> bytes:
    """An object's JSON behind members that stand before its own."""
    return b"}" if body == b"{}" else b"," + body[1:]


def _result(row: Upsert, part: batch.Part) -> WriteResult:
    if part.start not in ("200", "201", "204"):
        return WriteResult(Written.REFUSED, *error_of(part.body))
    return WriteResult(Written.UPDATED if row.exists else Written.CREATED)


def _tells(link: str, entity: Entity, names: Sequence[str]) -> bool:
    """Whether following a delta link answers these columns: it always answers those that it was given out for."""
    selected = parse_qs(urlsplit(link).query).get("$select", [])
    return not selected or set(select_of(entity, names).split(",")) <= set(selected[0].split(","))


def _below(link: str, entity: Entity) -> str:
    """A delta link below the base URL, so that it stays good when the environment moves; empty when it is none."""
    place = link.find(f"/{entity.set_name}?")
    return link[place + 1 :] if place >= 0 else ""
