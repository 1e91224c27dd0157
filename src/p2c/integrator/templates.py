"""Loads templates: those shipped with the product, and a user's own files."""

from __future__ import annotations

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from importlib.resources import files
from pathlib import Path

from p2c.errors import ConfigurationError, nearest
from p2c.integrator.mapping.parse import parse_template
from p2c.integrator.mapping.template import Template

SUFFIX = ".yaml"
_SHIPPED = "p2c.templates"


def shipped_templates() -> dict[str, Template]:
    """The shipped templates by name, in the order they should run."""
    texts = [(entry.name, entry.read_text("utf-8")) for entry in files(_SHIPPED).iterdir() if _is_template(entry.name)]
    return {
        template.name: template for template in in_order(parse_template(text, name) for name, text in sorted(texts))
    }


def shipped_text(name: str) -> str:
    """
    A shipped template as it is written, comments included: the start of an own one.

    Raises:
        ConfigurationError: If no template has this name.
    """
    templates = shipped_templates()
    if name not in templates:
        raise ConfigurationError(f"there is no template {name!r}", way_out=nearest(name, templates))
    return (files(_SHIPPED) / templates[name].file).read_text("utf-8")


def load_template(path: Path) -> Template:
    """
    The template in a file; `path` stands in messages as it is given.

    Raises:
        ConfigurationError: If the file cannot be read, or (as TemplateError) what it says is wrong.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError("is not UTF-8 text", where=str(path), way_out="save it as UTF-8") from error
    return parse_template(text, str(path))


def load_templates(paths: Iterable[Path]) -> dict[str, Template]:
    """
    The templates in files, and in all YAML files of folders, by name and in the order they should run.

    Raises:
        ConfigurationError: If one cannot be loaded, two have the same name, or they need one another.
    """
    found: dict[str, Template] = {}
    for path in paths:
        inside = sorted(entry for entry in path.iterdir() if _is_template(entry.name)) if path.is_dir() else [path]
        for file in inside:
            template = load_template(file)
            if template.name in found:
                what = f"template {template.name!r} stands in {found[template.name].file} too"
                raise ConfigurationError(what, where=str(file), way_out="rename one")
            found[template.name] = template
    return {template.name: template for template in in_order(found.values())}


def in_order(templates: Iterable[Template]) -> list[Template]:
    """
    The templates with those first that others need; otherwise by name.

    Raises:
        ConfigurationError: If templates need one another in a circle.
    """
    by_name = {template.name: template for template in sorted(templates, key=lambda template: template.name)}
    sorter = TopologicalSorter(
        {
            name: [need for task in template.tasks for need in task.needs if need in by_name]
            for name, template in by_name.items()
        }
    )
    try:
        return [by_name[name] for name in sorter.static_order()]
    except CycleError as error:
        circle = " > ".join(error.args[1])
        raise ConfigurationError(
            f"templates need one another: {circle}", way_out="take out one of the needs"
        ) from error


def _is_template(name: str) -> bool:
    return name.endswith(SUFFIX)
