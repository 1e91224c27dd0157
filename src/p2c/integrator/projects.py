"""Projects: templates applied to a connection set, changed on their own, run in the order of their needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from p2c.errors import ConfigurationError, nearest
from p2c.integrator.mapping.template import Form, Task, Template
from p2c.integrator.schedule import Schedule

CONNECTION_SET = "prospect-to-cash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A template applied to a connection set.

    `tasks` is the project's own copy, in the order they run. `needs` names projects that run before, where
    they take part in the same run. Only `enabled` projects run when none is named. `version` is counted by the store:
    it rises with every change that is saved. A project with a `schedule` runs by itself, where a worker is.
    """

    name: str
    label: str
    template: str
    template_version: int
    connection_set: str
    tasks: tuple[Task, ...]
    needs: tuple[str, ...] = ()
    enabled: bool = True
    version: int = field(default=1, compare=False)
    schedule: Schedule | None = None

    @property
    def form(self) -> Form:
        """Whether its rows pass through the Common Data Service."""
        return Form.VIA_CDS if any(len(task.legs) == Form.VIA_CDS.legs for task in self.tasks) else Form.DIRECT

    def task(self, name: str) -> Task:
        """
        One of its tasks.

        Raises:
            ConfigurationError: There is none of that name.
        """
        by_name = {task.name: task for task in self.tasks}
        if name not in by_name:
            raise ConfigurationError(
                f"there is no task {name!r}", where=f"project {self.name}", way_out=nearest(name, by_name)
            )
        return by_name[name]

    def as_template(self) -> Template:
        """The template as this project has it."""
        return Template(
            name=self.template,
            label=self.label,
            form=self.form,
            version=self.template_version,
            tasks=self.tasks,
            file=f"project {self.name}",
        )


def from_template(template: Template, connection_set: str, *, name: str = "") -> Project:
    """A project with a copy of the template's tasks, named as the template unless told otherwise.

    Direct forms are there to be chosen: they begin disabled, so that no row travels both ways.
    """
    own = {task.name for task in template.tasks}
    needs = dict.fromkeys(need for task in template.tasks for need in task.needs if need not in own)
    return Project(
        name=name or template.name,
        label=template.label,
        template=template.name,
        template_version=template.version,
        connection_set=connection_set,
        tasks=template.tasks,
        needs=tuple(needs),
        enabled=template.form is Form.VIA_CDS,
    )


def order(projects: Iterable[Project]) -> list[Project]:
    """
    The projects, each after those it needs, those without needs first. Needs that are not given do not count.

    Raises:
        ConfigurationError: Projects need one another in a circle; it is named.
    """
    by_name = {project.name: project for project in projects}
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for project in by_name.values():
        sorter.add(project.name, *(need for need in project.needs if need in by_name))
    try:
        return [by_name[name] for name in sorter.static_order()]
    except CycleError as error:
        circle = " needs ".join(reversed(error.args[1]))
        raise ConfigurationError(
            f"projects need one another in a circle: {circle}",
            where=f"project {error.args[1][-1]}",
            way_out="take one of these needs out",
        ) from error
