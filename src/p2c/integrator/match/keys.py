"""Gives source rows the keys of the destination rows that they match, and takes them back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import UUID

from p2c.edm.entity import Entity
from p2c.edm.values import EdmType, Value
from p2c.errors import ConfigurationError
from p2c.integrator.engine.environments import Environments
from p2c.integrator.match.find import Match
from p2c.integrator.match.pairs import PAGE, Pair
from p2c.integrator.projects import Project
from p2c.integrator.store import Store
from p2c.integrator.store.matches import GivenKey
from p2c.odata.client.environment import Environment, Upsert, Written
from p2c.text import _

Key: TypeAlias = "Mapping[str, str | None]"
"""The key fields of a source row by name."""


@dataclass(frozen=True, slots=True)
class Told:
    """A source row that was left as it is, and why."""

    source_id: str
    key: str
    why: str


@dataclass(slots=True)
class Changed:
    """How many source rows got another key, and those that were left alone."""

    rows: int = 0
    left: list[Told] = field(default_factory=list)


async def give_keys(store: Store, match: Match, *, replace: bool, by: str) -> Changed:
    """
    Write the destination's key into the source rows of all pairs; with `replace` also where there is another key.

    What stood there is kept before anything is written, so that every key that was given can be taken back.

    Raises:
        RetryError, StopError: The source stays away or refuses; what was given so far is kept.
    """
    rows = _KeyedRows(match.source, match.plan.source)
    names = [ours for ours, _theirs in match.plan.key]
    changed, after = Changed(), ""
    while pairs := await match.joined.pairs(replace=replace, most=PAGE, after=after):
        after = pairs[-1].source_id
        there = await rows.read([pair.source_id for pair in pairs], names)
        given = [_given(pair, names, there.get(pair.source_id), changed) for pair in pairs]
        part = [item for item in given if item is not None]
        if not part:
            continue
        ids = await asyncio.to_thread(store.keep_given, match.project, match.task, part, by, datetime.now(UTC))
        refused = await rows.write({item.source_id: item.written for item in part}, changed)
        never = [id for id, item in zip(ids, part, strict=True) if item.source_id in refused]
        await asyncio.to_thread(store.forget_given, never)
    return changed


async def take_back(store: Store, environments: Environments, project: Project, task: str) -> Changed:
    """
    Put back what stood in the key fields before `give_keys`, the latest first, where it is as it was written.

    Raises:
        ConfigurationError: There is no such task.
        RetryError, StopError: The source stays away or refuses; what was put back so far stays.
    """
    leg = project.task(task).legs[0]
    environment = await environments.source(project, leg)
    entity = environment.model.entity_set.get(leg.source.entity)
    if entity is None:
        raise ConfigurationError(f"{environment.where} has no {leg.source.entity} any more", where=project.name)
    rows = _KeyedRows(environment, entity)
    changed, before = Changed(), None
    while part := await asyncio.to_thread(store.given, project.name, task, PAGE, before):
        before = part[-1].id
        there = await rows.read([item.source_id for item in part], list(part[0].written))
        wanted: dict[str, Key] = {}
        done: dict[int, str] = {}
        for item in part:
            current = there.get(item.source_id)
            if current == item.written:
                there[item.source_id] = wanted[item.source_id] = item.before
            if current in (None, item.written, item.before):
                done[item.id] = item.source_id
            else:
                why = _("has been given another key since: {key}").format(key=_readable(current or {}))
                changed.left.append(Told(item.source_id, _readable(item.written), why))
        refused = await rows.write(wanted, changed)
        await asyncio.to_thread(store.forget_given, [id for id, source in done.items() if source not in refused])
    return changed


class _KeyedRows:
    """Reads and writes key fields of source rows by their ids."""

    def __init__(self, environment: Environment, entity: Entity) -> None:
        self._environment = environment
        self._entity = entity
        (self._primary,) = entity.key

    async def read(self, ids: Sequence[str], names: Sequence[str]) -> dict[str, Key]:
        """The key fields by source id, of those rows that are still there."""
        unique = list(dict.fromkeys(ids))
        found = await self._environment.by_values(self._entity, names, self._primary, unique)
        return {str(row[self._primary]): {name: _text(row[name]) for name in names} for row in found}

    async def write(self, keys: Mapping[str, Key], changed: Changed) -> set[str]:
        """Write key fields by source id and count them; the ids of rows that the source refused, which are told."""
        upserts = [
            Upsert({self._primary: self._id(source_id)}, dict(key), {}, exists=True) for source_id, key in keys.items()
        ]
        results = await self._environment.upsert(self._entity, upserts) if upserts else []
        refused: set[str] = set()
        for (source_id, key), result in zip(keys.items(), results, strict=True):
            if result.written is Written.REFUSED:
                refused.add(source_id)
                changed.left.append(Told(source_id, _readable(key), result.message))
        changed.rows += len(keys) - len(refused)
        return refused

    def _id(self, source_id: str) -> Value:
        return UUID(source_id) if self._entity.property[self._primary].type is EdmType.GUID else source_id


def _given(pair: Pair, names: Sequence[str], current: Key | None, changed: Changed) -> GivenKey | None:
    """What a pair gives its source row; None, and told, when that is not any more as it was matched."""
    if current is None or tuple((value or "").strip() for value in current.values()) != pair.key:
        changed.left.append(Told(pair.source_id, " / ".join(pair.new_key), _("was changed while it was matched")))
        return None
    return GivenKey(pair.source_id, current, dict(zip(names, pair.new_key, strict=True)))


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


def _readable(key: Key) -> str:
    return " / ".join(value or "" for value in key.values())
