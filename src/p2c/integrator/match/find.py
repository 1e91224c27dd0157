"""Reads both sides of a task and finds out which rows belong together; nothing is written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from p2c.edm.entity import Entity
from p2c.edm.values import Row
from p2c.errors import ConfigurationError
from p2c.integrator.engine.companies import Companies
from p2c.integrator.engine.environments import Environments
from p2c.integrator.mapping.conditions import compile_conditions
from p2c.integrator.mapping.match import MatchPlan, comparable, plan_match
from p2c.integrator.mapping.template import Condition, End, Task
from p2c.integrator.match.pairs import SIDES, Joined, SideRow
from p2c.integrator.personal import MASKED, Sight
from p2c.integrator.projects import Project
from p2c.integrator.query.sandbox import open_sandbox, scratch
from p2c.odata.client.environment import Environment

_SOURCE, _DESTINATION = range(2)
_BETWEEN = "\x1f"
_ANY_KEY = "?"
"""Stands in for a blank key where conditions are looked at: a match fills it before the row is carried."""


@dataclass(frozen=True, slots=True)
class Match:
    """What was found for one task: its plan, the environment of its source, and the rows of both sides, joined."""

    project: str
    task: str
    plan: MatchPlan
    source: Environment
    joined: Joined


@asynccontextmanager
async def find_matches(
    environments: Environments, project: Project, task: str | None, sight: Sight = MASKED
) -> AsyncIterator[Match]:
    """
    Join the rows of the sides of a task, the first with a match rule unless named.

    What is shown of the compared values is as `sight` has it.

    Raises:
        ConfigurationError: There is no such task or rule, or it does not fit the environments.
        RetryError, StopError: An environment stays away or refuses.
    """
    name = matching_task(project, task).name
    keyed, connection_set = await environments.prepare(project)
    chosen = keyed.task(name)
    ends = (chosen.legs[0].source, chosen.legs[-1].destination)
    sides = [await environments.get(connection_set, end.environment) for end in ends]
    plan = plan_match(chosen, {end.environment: side.model for end, side in zip(ends, sides, strict=True)})
    assert plan is not None, "its task has a rule, and its ends were checked"
    companies = [
        Companies(connection_set.organizations, end, end, await environments.business_units(side))
        for end, side in zip(_ends(ends, plan), sides, strict=True)
    ]
    with scratch() as folder, open_sandbox(folder) as sandbox:
        joined = Joined(sandbox, folder)
        scoped = all(item.scoped for item in companies)
        source, destination = (
            _Side(plan, number, companies[number], scoped, sight) for number in (_SOURCE, _DESTINATION)
        )
        await source.read(sides[_SOURCE], chosen.legs[0].where, joined)
        await destination.read(sides[_DESTINATION], (), joined)
        await joined.join()
        yield Match(project.name, name, plan, sides[_SOURCE], joined)


def matching_task(project: Project, name: str | None) -> Task:
    """
    The task of a project that has a match rule, the first unless named.

    Raises:
        ConfigurationError: There is none.
    """
    for task in project.tasks if name is None else [project.task(name)]:
        if task.match is not None:
            return task
    way_out = "add match: {on: {field: field}} to a task"
    raise ConfigurationError("no match rule there", where=f"project {project.name}", way_out=way_out)


def _ends(ends: Sequence[End], plan: MatchPlan) -> list[tuple[str, Entity]]:
    return [(end.environment, entity) for end, entity in zip(ends, (plan.source, plan.destination), strict=True)]


class _Side:
    """One side of a match: number 0 is the source. Rows that are not `scoped` belong to no company."""

    def __init__(self, plan: MatchPlan, number: int, companies: Companies, scoped: bool, sight: Sight) -> None:
        self._plan = plan
        self._number = number
        self._entity = (plan.source, plan.destination)[number]
        self._companies = companies
        self._scoped = scoped
        self._sight = sight
        self._key = [pair[number] for pair in plan.key]
        self._on = [pair[number] for pair in plan.rule.on]

    async def read(self, environment: Environment, conditions: Sequence[Condition], joined: Joined) -> None:
        """All rows that meet the conditions and belong to a mapped company."""
        why_skipped, needed = compile_conditions(conditions, self._entity, environment.model)
        company = (self._companies.source_field,) if self._companies.source_field else ()
        names = tuple(dict.fromkeys((*self._entity.key, *company, *self._on, *self._key, *needed)))
        async for page in environment.changes(self._entity, names, None):
            kept = [self._row(row) for row in page.rows if self._counts(row) and why_skipped(self._filled(row)) is None]
            await joined.add(SIDES[self._number], kept, len(page.rows) - len(kept))

    def _counts(self, row: Row) -> bool:
        return not self._scoped or self._companies.of(row) is not None

    def _filled(self, row: Row) -> Row:
        return row | {name: _ANY_KEY for name in self._key if row[name] in (None, "")}

    def _row(self, row: Row) -> SideRow:
        company = self._companies.of(row) if self._scoped else None
        key, compared = self._plan.key_of(row, self._number), self._plan.compared(row, self._number)
        return SideRow(
            id="|".join(str(row[name]) for name in self._entity.key),
            company=company.legal_entity if company is not None else "",
            key=list(key),
            folded=_BETWEEN.join(key).casefold() if all(key) else None,
            compared=None if compared is None else _BETWEEN.join(compared),
            shown=" / ".join(
                str(self._sight.value(" ".join(pair), comparable(row[pair[self._number]], ignore_case=False)))
                for pair in self._plan.rule.on
            ),
        )
