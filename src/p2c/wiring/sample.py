"""Brings the sample data into running services, through their public APIs, as any user's data would come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

import p2c.commondata.sample
import p2c.operations.sample
import p2c.sales.sample
from p2c.edm.entity import Entity
from p2c.edm.values import EdmType, Value
from p2c.errors import StopError
from p2c.odata.client.environment import Environment, Upsert, Written
from p2c.odata.client.http import HttpEnvironment, error_of
from p2c.odata.client.rows import encode
from p2c.sales.sample import QuoteMove
from p2c.sample_rows import SampleSet
from p2c.settings import Service
from p2c.wiring.loading.send import environment_at, send_rows

Told = Callable[[int], None]
_PARALLEL_MOVES = 4
_ACTIVE = {"statecode": 1, "statuscode": 2}
_CLOSING_STATUS = {"win": 4, "lose": 5, "cancel": 6}


def master_data(service: Service, seed: int) -> list[SampleSet]:
    """What a service has before anything flows, in load order."""
    if service is Service.SALES:
        return p2c.sales.sample.master_data(seed)
    if service is Service.OPERATIONS:
        return p2c.operations.sample.rows(seed)
    return p2c.commondata.sample.rows()


async def load_sets(service: Service, url: str, sets: Sequence[SampleSet], advanced: Told) -> None:
    """
    Upsert the sets one after the other.

    Raises:
        StopError: A row was refused: the sample is sound but for rows that only the flow refuses.
    """
    before = 0
    async with environment_at(service.value, url) as environment:
        for sample in sets:
            await _load_set(environment, sample, lambda done, before=before: advanced(before + done))  # type: ignore[misc]
            before += len(sample.rows)


async def _load_set(environment: Environment, sample: SampleSet, advanced: Told) -> None:
    entity = environment.model.entity_set[sample.entity_set]
    rows = [_upsert(entity, sample.key, row) for row in sample.rows]
    results = await send_rows(environment, sample.entity_set, rows, advanced=advanced)
    refused = [(row, result) for row, result in zip(rows, results, strict=True) if result.written is Written.REFUSED]
    if refused:
        row, result = refused[0]
        raise StopError(
            f"{len(refused)} sample rows were refused, first {row.key}: {result.message}",
            where=f"{environment.name}.{sample.entity_set}",
        )


def _upsert(entity: Entity, key: Sequence[str], row: Mapping[str, object]) -> Upsert:
    values: dict[str, Value] = {name: value for name, value in row.items() if name not in key}  # type: ignore[misc]
    return Upsert({name: _key_value(entity, name, row[name]) for name in key}, values, {}, exists=False)


def _key_value(entity: Entity, name: str, value: object) -> Value:
    if entity.property[name].type is EdmType.GUID:
        return UUID(str(value))
    return value  # type: ignore[return-value]


async def make_moves(url: str, moves: Sequence[QuoteMove], advanced: Told) -> None:
    """
    Lead quotes through their lives: all activations in bulk, then what follows them.

    Raises:
        StopError: Sales refused a move.
    """
    activated = [move for move in moves if move.kind == "activate"]
    async with environment_at(Service.SALES.value, url) as environment:
        rows = [Upsert({"quoteid": UUID(move.quoteid)}, dict(_ACTIVE), {}, exists=True) for move in activated]
        results = await send_rows(environment, "quotes", rows, advanced=advanced)
    for move, result in zip(activated, results, strict=True):
        if result.written is Written.REFUSED:
            raise StopError(f"activating was refused: {result.message}", where=f"quote {move.quoteid}")
    done = len(activated)
    gate = asyncio.Semaphore(_PARALLEL_MOVES)
    async with HttpEnvironment(url, name=Service.SALES.value) as http:

        async def follow(move: QuoteMove) -> None:
            nonlocal done
            async with gate:
                await _act(http, move)
            done += 1
            advanced(done)

        await asyncio.gather(*(follow(move) for move in moves if move.kind != "activate"))


async def _act(http: HttpEnvironment, move: QuoteMove) -> None:
    if move.kind == "revise":
        name = "ReviseQuote"
        body: dict[str, object] = {"QuoteId": move.quoteid, "ColumnSet": {"AllColumns": True}}
    else:
        name = "WinQuote" if move.kind == "win" else "CloseQuote"
        close = {"@odata.type": "Microsoft.Dynamics.CRM.quoteclose", "quoteid@odata.bind": f"/quotes({move.quoteid})"}
        body = {"QuoteClose": close, "Status": _CLOSING_STATUS[move.kind]}
    answer = await http.send("POST", name, body=encode(body))
    if answer.status >= 300:
        raise StopError(f"{name} was refused: {error_of(answer.body)[1]}", where=f"quote {move.quoteid}")
