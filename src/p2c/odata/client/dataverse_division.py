"""Divides an entity of Dataverse: by the keys of a tracked read, in the service's own order of them.

A tracked read takes no `$filter`, so its delta link cannot come from the ranges. It comes from a read of the keys alone
before them, and is asked for the columns that are wanted when changes are read: its token is a version and a time, and
says nothing of columns. The Web API does not promise that. A token of another shape is not used therefore, and such a
link ends in `OF_KEYS`, so that who follows it takes a refusal, or a row without its columns, for an expired link.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Sequence
from typing import Protocol
from urllib.parse import quote, unquote

from p2c.edm.entity import Entity
from p2c.edm.values import Value
from p2c.odata.client.environment import Division, KeyRange
from p2c.odata.client.ranges import EvenSample, condition_of, disjoint, every_nth, parts_of
from p2c.odata.client.rows import RowDecoder, RowPage

OF_KEYS = "#of-keys"
"""The end of a delta link that was given out for the keys alone; never sent."""
_TOKEN = re.compile(r"[?&]\$deltatoken=(?P<token>[^&#]+)")
_VERSION_AND_TIME = re.compile(r"\d+!\d[\d/.: -]*")
_DRAWN = 640
_ASKED = 10
"""Rows for each bound that the service is asked to put in order; 320 of their keys fit into a URL."""


class Reads(Protocol):
    """What dividing takes of an environment."""

    def changes(self, entity: Entity, names: Sequence[str], since: str | None) -> AsyncIterator[RowPage]:
        """Pages of all rows, with a delta link behind the last."""

    async def get(self, path: str) -> bytes:
        """The body of a GET that must succeed."""


def select_of(entity: Entity, names: Sequence[str]) -> str:
    """Columns as `$select` takes them."""
    return ",".join(f"_{name}_value" if entity.property[name].is_lookup else name for name in dict.fromkeys(names))


def selecting(entity: Entity, names: Sequence[str]) -> str:
    """The entity's set with the columns asked for, as a path."""
    return f"{entity.set_name}?$select={select_of(entity, names)}"


async def divided(environment: Reads, entity: Entity, names: Sequence[str], part_rows: int) -> Division | None:
    """
    The entity in ranges of its primary key; None where it is too small, or its delta link is not what it should be.

    Raises:
        StopError: The service refuses what this takes.
        RetryError: It stays away.
    """
    if len(entity.key) != 1:
        return None
    (key,) = entity.key
    sample: EvenSample[Value] = EvenSample(_DRAWN)
    link = ""
    async for page in environment.changes(entity, (), None):
        for row in page.rows:
            sample.add(row[key])
        link = page.delta_link or link
    parts, token = parts_of(sample.count, part_rows), _token(link)
    if parts < 2 or not token:
        return None
    asked = sample.items[:: -(-len(sample.items) // (_ASKED * parts))]
    in_order = await _in_order(environment, entity, asked)

    async def holds(part: KeyRange) -> bool:
        condition = quote(condition_of(key, part))
        answer = await environment.get(f"{selecting(entity, entity.key)}&$filter={condition}&$top=1")
        return bool(RowDecoder(entity, entity.key).page(answer).rows)

    ranges = await disjoint([str(value) for value in every_nth(in_order, parts)], holds)
    if len(ranges) < 2:
        return None
    checkpoint = f"/{selecting(entity, (*entity.key, *names))}&$deltatoken={token}{OF_KEYS}"
    return Division(checkpoint, sample.count, ranges)


def _token(link: str) -> str:
    """The token of a delta link, as it stands there; empty when it may hold more than a version and a time."""
    found = _TOKEN.search(link)
    return found["token"] if found and _VERSION_AND_TIME.fullmatch(unquote(found["token"])) else ""


async def _in_order(environment: Reads, entity: Entity, keys: Sequence[Value]) -> list[Value]:
    """Keys as the service orders them."""
    (key,) = entity.key
    values = ",".join(quote(json.dumps(str(value))) for value in keys)
    condition = f"Microsoft.Dynamics.CRM.In(PropertyName='{key}',PropertyValues=[{values}])"
    path = f"{selecting(entity, entity.key)}&$filter={condition}&$orderby={key}"
    page = RowDecoder(entity, entity.key).page(await environment.get(path))
    return [row[key] for row in page.rows]
