"""Reads projects: each file says which project it is, and after a line `---` has its template."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import yaml

from p2c.errors import ConfigurationError, nearest
from p2c.integrator.connections import ConnectionSet
from p2c.integrator.mapping.document import Document
from p2c.integrator.mapping.parse import parse_template
from p2c.integrator.mapping.problems import TemplateError, TemplateProblem
from p2c.integrator.mapping.template import End, Template
from p2c.integrator.projects import Project
from p2c.integrator.schedule import WORDS, Schedule, from_words

_HEADER = ("project", "connection_set", "enabled")
_DIVIDER = re.compile(r"(?<=\n)---[ \t]*\r?\n")


@dataclass(frozen=True, slots=True)
class _Header:
    document: Document
    name: str
    parts: Mapping[str, yaml.Node]
    template: str


def read_projects(
    files: Mapping[str, str],
    problems: list[TemplateProblem],
    sets: Mapping[str, ConnectionSet],
    existing: Collection[str],
) -> list[Project]:
    """The projects of these files; what is wrong is added to `problems`. They may need one another.
    Ordered by name."""
    headers = [header for file in sorted(files) for header in _headers(file, files[file], problems)]
    names = [header.name for header in headers]
    for place, header in enumerate(headers):
        if header.name in names[:place]:
            header.document.problem(header.parts["project"], f"{header.name!r} is defined twice", "rename one")
    projects = [project for header in headers for project in _projects(header, {*names, *existing}, problems, sets)]
    for header in headers:
        problems += header.document.problems
    return sorted(projects, key=lambda project: project.name)


def _headers(file: str, text: str, problems: list[TemplateProblem]) -> Iterator[_Header]:
    divider = next((found for found in _DIVIDER.finditer(text) if text[: found.start()].strip(" -\r\n")), None)
    if divider is None:
        way_out = "write the project, a line ---, and its template"
        problems.append(TemplateProblem(file, 1, "the file has no template", way_out))
        return
    try:
        document = Document(text[: divider.start()], file)
    except TemplateError as error:
        problems += error.problems
        return
    parts = document.mapping(document.root, "the project", _HEADER, ("needs", "schedule"))
    if len(parts.keys() & set(_HEADER)) < len(_HEADER):
        problems += document.problems
        return
    # Blank lines in place of the project keep the template's line numbers those of the file.
    template = "\n" * text.count("\n", 0, divider.end()) + text[divider.end() :]
    yield _Header(document, document.text(parts["project"], "project"), parts, template)


def _projects(
    header: _Header,
    names: Collection[str],
    problems: list[TemplateProblem],
    sets: Mapping[str, ConnectionSet],
) -> Iterator[Project]:
    document, parts = header.document, header.parts
    needs = document.texts(parts["needs"], "needs") if "needs" in parts else ()
    for need in needs:
        if need and need not in names:
            document.problem(parts["needs"], f"there is no project {need!r}", nearest(need, names))
    enabled = document.scalar(parts["enabled"], "enabled")
    if not isinstance(enabled, bool):
        document.problem(parts["enabled"], f"enabled is {enabled!r}", "write true or false")
    name = document.text(parts["connection_set"], "connection_set")
    if name and name not in sets:
        document.problem(parts["connection_set"], f"there is no connection set {name!r}", nearest(name, sets))
    try:
        template = parse_template(header.template, document.file)
    except TemplateError as error:
        problems += error.problems
        return
    if name in sets:
        problems += _missing_environments(template, sets[name], document.file)
    yield Project(
        name=header.name,
        label=template.label,
        template=template.name,
        template_version=template.version,
        connection_set=name,
        tasks=template.tasks,
        needs=needs,
        enabled=enabled is True,
        schedule=_schedule(document, parts["schedule"]) if "schedule" in parts else None,
    )


def _schedule(document: Document, node: yaml.Node) -> Schedule | None:
    entries = document.mapping(node, "the schedule", (), WORDS)
    try:
        return from_words({word: document.scalar(value, word) for word, value in entries.items()})
    except ConfigurationError as error:
        document.problem(node, error.what, error.way_out)
        return None


def _missing_environments(template: Template, within: ConnectionSet, file: str) -> Iterator[TemplateProblem]:
    for end in _ends(template):
        if end.environment not in within.connections:
            what = f"connection set {within.name!r} has no connection for {end.environment}"
            yield TemplateProblem(file, end.line, what, "complete the connection set", "DIPV1005")


def _ends(template: Template) -> Iterator[End]:
    for task in template.tasks:
        for leg in task.legs:
            yield from (leg.source, leg.destination)
