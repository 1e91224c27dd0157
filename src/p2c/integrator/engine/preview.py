"""The first rows of what a leg reads, as a query gives them; nothing is written anywhere."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, replace

from p2c.edm.values import Row
from p2c.errors import ConfigurationError
from p2c.integrator.engine.environments import Environments
from p2c.integrator.engine.source import queried_source
from p2c.integrator.mapping.resolve import UnresolvedError
from p2c.integrator.mapping.template import Task
from p2c.integrator.personal import is_personal
from p2c.integrator.projects import Project
from p2c.integrator.query import columns_of_kind


@dataclass(frozen=True, slots=True)
class Preview:
    """
    Rows of a leg's source, with the names of their fields in order. `more` when there are others.

    `personal` are the columns that hold personal data, or may: made of it, or of what cannot be told.
    """

    project: str
    task: str
    leg: int
    source: str
    columns: tuple[str, ...]
    personal: frozenset[str]
    rows: list[Row]
    more: bool


async def preview(
    environments: Environments, project: Project, task: str | None, sql: str | None, limit: int
) -> Preview:
    """
    The first rows of a task's query, or of `sql` in its place; whether the field maps fit it is not looked at.

    The task is the first with a query unless named, or the first of all where `sql` is given; so is its leg.

    Raises:
        ConfigurationError: There is no such task or no query, or it does not fit the environment or fails.
        RetryError, StopError: The environment stays away or refuses.
    """
    chosen = _chosen(project, task, any_leg=sql is not None)
    number, leg = next(found for found in enumerate(chosen.legs, 1) if sql is not None or found[1].query)
    where = f"project {project.name}, {chosen.name}, leg {number}"
    environment = await environments.source(project, leg)
    try:
        queried = queried_source(leg if sql is None else replace(leg, query=sql), environment, where)
    except UnresolvedError as error:
        raise ConfigurationError(error.what, where=where, way_out=error.way_out) from error
    columns = tuple(item.name for item in queried.entity.properties)
    rows: list[Row] = []
    async with aclosing(queried.changes(queried.entity, columns, None)) as pages:
        async for page in pages:
            rows += page.rows[: limit + 1 - len(rows)]
            if len(rows) > limit:
                break
    source = f"{leg.source.environment}.{leg.source.entity}"
    personal = columns_of_kind(queried.plan, is_personal)
    return Preview(project.name, chosen.name, number, source, columns, personal, rows[:limit], len(rows) > limit)


def _chosen(project: Project, name: str | None, *, any_leg: bool) -> Task:
    for task in project.tasks if name is None else [project.task(name)]:
        if any_leg or any(leg.query for leg in task.legs):
            return task
    way_out = "give one with --sql FILE, or add query: to a leg"
    raise ConfigurationError("no query there", where=f"project {project.name}", way_out=way_out)
