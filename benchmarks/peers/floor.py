"""
The same HTTP traffic with the least possible work: no other program can be faster by much.

Pages are cut into rows without being decoded, and sent as they were read, as many calls at a time as the destination
recommends. Nothing is mapped, compared or remembered. Like ours into an empty destination, it asks for no row there.
"""

from __future__ import annotations

import asyncio

import aiohttp
import msgspec

from benchmarks.peers.world import CALL_ROWS, FIRST_PAGE, KEY, NAMESPACE, PREFER, UPSERT_MULTIPLE

_PLACES = 4
"""Calls at a time before the destination has recommended any number."""
_NUMBER = f'"{KEY}":"'.encode()
_HEAD = f'{{"@odata.type":"{NAMESPACE}.account","@odata.id":"accounts({KEY}=\''.encode()
_JSON = {"Content-Type": "application/json"}


class _Page(msgspec.Struct):
    value: list[msgspec.Raw]
    next_link: str = msgspec.field(name="@odata.nextLink", default="")


_page = msgspec.json.Decoder(_Page)


def move(source: str, destination: str) -> None:
    """All accounts."""
    asyncio.run(_move(source, destination))


async def _move(source: str, destination: str) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        async with session.get(destination + "WhoAmI") as answer:
            places = int(answer.headers.get("x-ms-dop-hint", _PLACES))
        queue: asyncio.Queue[list[bytes] | None] = asyncio.Queue(2 * places)
        async with asyncio.TaskGroup() as group:
            group.create_task(_read(session, source, queue, places))
            for _ in range(places):
                group.create_task(_write(session, destination, queue))


async def _read(
    session: aiohttp.ClientSession, source: str, queue: asyncio.Queue[list[bytes] | None], places: int
) -> None:
    url = source + FIRST_PAGE
    while url:
        async with session.get(url, headers=PREFER) as answer:
            answer.raise_for_status()
            page = _page.decode(await answer.read())
        for start in range(0, len(page.value), CALL_ROWS):
            await queue.put([bytes(row) for row in page.value[start : start + CALL_ROWS]])
        url = page.next_link
    for _ in range(places):
        await queue.put(None)


async def _write(session: aiohttp.ClientSession, destination: str, queue: asyncio.Queue[list[bytes] | None]) -> None:
    while (rows := await queue.get()) is not None:
        numbers = [row[(start := row.index(_NUMBER) + len(_NUMBER)) : row.index(b'"', start)] for row in rows]
        targets = b",".join(_HEAD + number + b"')\"," + row[1:] for number, row in zip(numbers, rows, strict=True))
        body = b'{"Targets":[' + targets + b"]}"
        async with session.post(destination + UPSERT_MULTIPLE, data=body, headers=_JSON) as answer:
            answer.raise_for_status()
