"""A Finance and Operations environment: pages of rows or their changes, writes by batches or data packages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from urllib.parse import quote
from uuid import uuid4

from p2c.edm.entity import Entity
from p2c.edm.values import Row, Value
from p2c.errors import StopError
from p2c.odata import batch
from p2c.odata.client.connected import ConnectedEnvironment, deleted
from p2c.odata.client.data_management.bulk import LARGEST, SMALLEST, BulkWriter
from p2c.odata.client.data_management.calls import ActionRefusedError, DataManagementCalls
from p2c.odata.client.data_management.catalogue import NoPackagesError, PackagedEntities
from p2c.odata.client.data_management.exporter import ChangeExports, find_exports
from p2c.odata.client.data_management.importer import Importer
from p2c.odata.client.data_management.pace import Pace
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
from p2c.odata.client.fno_division import dividing_column, ranges_of
from p2c.odata.client.fno_values import without_nulls
from p2c.odata.client.http import HttpEnvironment, error_of
from p2c.odata.client.ranges import condition_of
from p2c.odata.client.rows import RowDecoder, RowPage, encode, portions
from p2c.odata.client.watermark import Watermark, modified_field
from p2c.odata.query import key_segment, literal, quote_path

PAGE_SIZE = 10000
_BROKEN = 500
VALUES_A_QUERY = 100
_JSON = {"Content-Type": "application/json", "Prefer": "return=minimal"}
"""Only whether a row was taken is read back: its whole content in every answer would double the traffic."""


class FnoEnvironment(ConnectedEnvironment):
    """One Finance and Operations environment. Rows of all companies are read and written."""

    needs_match = False

    def __init__(self, http: HttpEnvironment, *, page_size: int = PAGE_SIZE) -> None:
        super().__init__(http, page_size)
        self._calls = DataManagementCalls(http)
        self._packaged = PackagedEntities(self._calls)
        self._bulk = BulkWriter(self, Importer(self._calls, self._packaged))
        self._pace = Pace(self._batch)
        self._sources: dict[str, ChangeExports | Watermark | str] = {}

    async def tracking(self, entity: Entity) -> Tracking:
        """By exports where there are projects for them, else by the time of change, else all is read and compared."""
        source = await self._source(entity)
        if isinstance(source, str):
            return Tracking(f"whole, compared with what was delivered: {source}", continues=False)
        return Tracking(source.told, deletions=False)

    def metadata_url(self, path: str) -> str:
        """An address in the metadata service, which stands beside the data."""
        return f"{self._http.url.removesuffix('data/')}metadata/{path}"

    async def changes(self, entity: Entity, names: Sequence[str], since: str | None) -> AsyncIterator[RowPage]:
        """Changes as the environment can tell them; OData itself tells none."""
        source = await self._source(entity)
        if since is not None and not isinstance(source, str):
            try:
                async for page in source.since(names, since):
                    yield page
            except ActionRefusedError as error:
                raise CheckpointExpiredError(error.what, where=error.where) from error
            return
        after = await self._begin(entity)
        async for page in self._pages(entity, names):
            yield page
        yield RowPage([], [], None, after)

    async def divide(self, entity: Entity, names: Sequence[str], part_rows: int) -> Division | None:
        """By a part of the key that is no company; the checkpoint is the one of a full read."""
        rows = await self.count_in(entity, "")
        try:
            ranges = await ranges_of(entity, rows, part_rows, self._pages)
        except StopError:
            return None
        return Division(await self._begin(entity), rows, ranges) if ranges else None

    async def part(self, entity: Entity, names: Sequence[str], part: KeyRange) -> AsyncIterator[RowPage]:
        """Pages of the rows of all companies in a range."""
        async for page in self._pages(entity, names, condition_of(dividing_column(entity), part)):
            yield page

    async def _begin(self, entity: Entity) -> str:
        """The checkpoint of a full read; empty, now and later, where the environment refuses to make one."""
        source = await self._source(entity)
        if isinstance(source, str):
            return ""
        try:
            return await source.begin()
        except (ActionRefusedError, CheckpointExpiredError) as error:
            self._sources[entity.set_name] = error.what
            return ""

    async def _source(self, entity: Entity) -> ChangeExports | Watermark | str:
        """Where changes of an entity are read from, asked once; why from nowhere."""
        if entity.set_name not in self._sources:
            self._sources[entity.set_name] = await self._find_source(entity)
        return self._sources[entity.set_name]

    async def _find_source(self, entity: Entity) -> ChangeExports | Watermark | str:
        try:
            companies = await self._companies() if entity.company_property else [""]
            return await find_exports(self._calls, self._packaged, entity, companies, self)
        except StopError as error:
            field = modified_field(entity)
            return Watermark(entity, field, self._pages) if field else error.what

    async def _companies(self) -> list[str]:
        """All legal entities, in lower case."""
        entity = self.model.entity_set.get("LegalEntities")
        if entity is None:
            raise NoPackagesError("the environment does not list its legal entities")
        name = entity.key[0]
        return [str(row[name]).lower() async for page in self._pages(entity, (name,)) for row in page.rows]

    async def _pages(
        self, entity: Entity, names: Sequence[str], condition: str = "", options: str = ""
    ) -> AsyncIterator[RowPage]:
        wanted = tuple(dict.fromkeys((*entity.key, *names)))
        decoder = RowDecoder(entity, wanted)
        path = f"{entity.set_name}?cross-company=true&$select={','.join(wanted)}"
        path += f"&$filter={quote(condition)}" if condition else ""
        path += f"&{quote(options, safe='=&$')}" if options else ""
        while path:
            page = decoder.page(await self._http.get(path, {"Prefer": f"odata.maxpagesize={self._page_size}"}))
            yield page
            path = page.next_link or ""

    async def count(self, entity: Entity) -> int | None:
        """How many rows there are, of all companies."""
        return await self.count_in(entity, "")

    async def by_values(self, entity: Entity, names: Sequence[str], column: str, values: Sequence[Value]) -> list[Row]:
        """Rows by a chain of `or`, a hundred values a request."""
        wanted = tuple(dict.fromkeys((*entity.key, *names)))
        decoder = RowDecoder(entity, wanted)
        found: list[Row] = []
        terms = (quote(f"{column} eq {literal(value)}") for value in dict.fromkeys(values))
        for part in portions(terms, VALUES_A_QUERY):
            condition = "%20or%20".join(part)
            path = f"{entity.set_name}?cross-company=true&$select={','.join(wanted)}&$filter={condition}"
            found += await self._all_pages(path, decoder)
        return found

    async def count_in(self, entity: Entity, company: str) -> int:
        """How many rows a company has."""
        condition = f"&$filter={quote(_in_company(entity, company))}" if company else ""
        return int(await self._http.get(f"{entity.set_name}/$count?cross-company=true{condition}"))

    async def keys_in(self, entity: Entity, company: str) -> AsyncIterator[list[Row]]:
        """Pages of the keys that a company's rows have."""
        condition = _in_company(entity, company) if company else ""
        async for page in self._pages(entity, entity.key, condition):
            yield page.rows

    async def writing(self, entity: Entity) -> str:
        """By packages and batches, or why by batches only; a package's place is asked for to see that it is allowed."""
        if await self._pace.is_quick(entity):
            return f"batches of {BATCH} rows: they are answered so fast that data packages would take longer"
        try:
            await self._packaged.find(entity)
            await self._calls.act("GetAzureWriteUrl", uniqueFileName=f"{uuid4()}.zip")
        except StopError as error:
            return f"batches of {BATCH} rows: {error.what}"
        return f"data packages from {SMALLEST:,} rows on, batches of {BATCH} rows below"

    async def rows_a_write(self, entity: Entity, expected: int | None) -> int:
        """As many as a package holds where many are to come, packages can be used and pay; else as many as a batch."""
        if (expected is not None and expected < SMALLEST) or await self._pace.is_quick(entity):
            return BATCH
        try:
            await self._packaged.find(entity)
        except NoPackagesError:
            return BATCH
        return LARGEST

    async def upsert(self, entity: Entity, rows: Sequence[Upsert]) -> list[WriteResult]:
        """
        Write many rows by data packages, few by batches.

        Rows that a package did not bring are sent again by batches: there each row gets an answer of its own.
        """
        results = await self._bulk.write(entity, rows) if len(rows) >= SMALLEST else {}
        self.traffic.writes += len(results)
        left = [number for number in range(len(rows)) if number not in results]
        parts = [left[start : start + BATCH] for start in range(0, len(left), BATCH)]
        answers = await asyncio.gather(*(self._upsert(entity, [rows[number] for number in part]) for part in parts))
        for part, answered in zip(parts, answers, strict=True):
            results.update(zip(part, answered, strict=True))
        self._bulk.note(entity, [rows[number] for number in left], [results[number] for number in left])
        return [results[number] for number in range(len(rows))]

    async def _upsert(self, entity: Entity, rows: Sequence[Upsert]) -> list[WriteResult]:
        """POST new rows and PATCH known ones in one batch; what was guessed wrong is sent again the other way."""
        first = await self._batch([self._write(entity, row, row.exists) for row in rows])
        results: list[WriteResult] = []
        again: list[int] = []
        for number, (row, answer) in enumerate(zip(rows, first, strict=True)):
            results.append(_result(answer, row.exists))
            if results[-1].written is Written.REFUSED and _guessed_wrong(answer, row.exists):
                again.append(number)
        if again:
            second = await self._batch([self._write(entity, rows[number], not rows[number].exists) for number in again])
            for number, answer in zip(again, second, strict=True):
                # Another row has a key of this one: what the POST was told says which.
                if rows[number].exists or answer.start != "404":
                    results[number] = _result(answer, not rows[number].exists)
        self.traffic.writes += len(results)
        return results

    async def delete(self, entity: Entity, keys: Sequence[Row]) -> list[WriteResult]:
        """DELETE by key, many in a batch."""
        results: list[WriteResult] = []
        for start in range(0, len(keys), BATCH):
            urls = [f"{self._address(entity, key)}?cross-company=true" for key in keys[start : start + BATCH]]
            answers = await self._batch([batch.request_part("DELETE", url, {}, b"") for url in urls])
            self.traffic.writes += len(answers)
            results += map(deleted, answers)
        return results

    async def _batch(self, parts: Sequence[batch.Part]) -> list[batch.Part]:
        if not parts:
            return []
        answer = await self._send_batch(parts, {})
        where = self._http.where
        if answer.status >= _BROKEN:
            # One operation that breaks the service must not take the others with it.
            if len(parts) == 1:
                return [batch.Part(str(answer.status), answer.headers, answer.body)]
            middle = len(parts) // 2
            return [*await self._batch(parts[:middle]), *await self._batch(parts[middle:])]
        if answer.status != 200:
            raise StopError(f"$batch answered {answer.status}: {error_of(answer.body)[1]}", where=where)
        return self._answers(answer, len(parts))

    def _write(self, entity: Entity, row: Upsert, exists: bool) -> batch.Part:
        if exists:
            url = f"{self._address(entity, row.key)}?cross-company=true"
            return batch.request_part("PATCH", url, _JSON, encode(without_nulls(entity, row.values)))
        url = f"{entity.set_name}?cross-company=true"
        return batch.request_part("POST", url, _JSON, encode({**row.key, **row.values}))

    def _address(self, entity: Entity, key: Row) -> str:
        return quote_path(f"{entity.set_name}{key_segment([(name, key[name]) for name in entity.key])}")


def _in_company(entity: Entity, company: str) -> str:
    return f"{entity.company_property} eq {literal(company)}"


def _result(answer: batch.Part, exists: bool) -> WriteResult:
    if answer.start in ("200", "201", "204"):
        return WriteResult(Written.UPDATED if exists else Written.CREATED)
    return WriteResult(Written.REFUSED, *error_of(answer.body))


def _guessed_wrong(answer: batch.Part, exists: bool) -> bool:
    """Whether the row was there after all (a POST refused), or not any more (a PATCH not found)."""
    if exists:
        return answer.start == "404"
    return answer.start == "400" and b"already exists" in answer.body
