"""A template in the words of a template file: what `parse_template` reads back as the same template."""

from __future__ import annotations

import re
from collections.abc import Mapping

from p2c.integrator.mapping.template import (
    Condition,
    End,
    FieldMap,
    Leg,
    MatchRule,
    OnConflict,
    OnDelete,
    Task,
    Template,
    TransformCall,
)
from p2c.integrator.mapping.transforms.registry import TRANSFORMS
from p2c.integrator.store.yaml_text import Block, OneLine, Plain, yaml_text

_WHOLE_NUMBER = re.compile("0|-?[1-9][0-9]*")


def template_text(template: Template) -> str:
    """The YAML text of a template, one field map a line."""
    return yaml_text(
        {
            "template": template.name,
            "label": template.label,
            "form": template.form.value,
            "version": template.version,
            "tasks": [_task(task) for task in template.tasks],
        }
    )


def _task(task: Task) -> Plain:
    needs: Mapping[str | int, Plain] = {"needs": task.needs} if task.needs else {}
    match: Mapping[str | int, Plain] = {} if task.match is None else {"match": _match(task.match)}
    return {
        "task": task.name,
        **needs,
        **match,
        **_on_delete(task),
        **_on_conflict(task),
        "legs": [_leg(leg) for leg in task.legs],
    }


def _on_conflict(task: Task) -> Mapping[str | int, Plain]:
    return {} if task.on_conflict is OnConflict.SOURCE else {"on_conflict": task.on_conflict.value}


def _on_delete(task: Task) -> Mapping[str | int, Plain]:
    if task.on_delete is OnDelete.DEACTIVATE:
        return {"on_delete": OneLine({task.on_delete.value: OneLine(dict(task.inactive))})}
    return {"on_delete": task.on_delete.value} if task.on_delete is not OnDelete.IGNORE else {}


def _match(rule: MatchRule) -> Plain:
    case: Mapping[str | int, Plain] = {} if rule.ignore_case else {"ignore_case": False}
    return OneLine({"on": OneLine(dict(rule.on)), **case})


def _leg(leg: Leg) -> Plain:
    where = [_condition(condition) for condition in leg.where]
    return {
        "source": _end(leg.source),
        **({"query": Block(f"{leg.query}\n")} if leg.query else {}),
        **({"where": where} if where else {}),
        "destination": _end(leg.destination),
        "fields": [_field_map(field) for field in leg.fields],
    }


def _end(end: End) -> Plain:
    return OneLine({"environment": end.environment, "entity": end.entity, "key": end.key})


def _condition(condition: Condition) -> Plain:
    return OneLine({"filter": condition.filter, "because": condition.because})


def _field_map(field: FieldMap) -> Plain:
    words: dict[str | int, Plain] = {"to": field.to}
    if field.sources:
        names = [source.name for source in field.sources]
        words["from"] = names if len(names) > 1 else names[0]
    if field.transforms:
        words["transforms"] = [_call(call) for call in field.transforms]
    if field.default is not None or not field.sources:
        words["default"] = field.default
    return OneLine(words)


def _call(call: TransformCall) -> Plain:
    if not call.arguments:
        return call.name
    transform = TRANSFORMS.get(call.name)
    if transform is not None and transform.main and [name for name, _ in call.arguments] == [transform.main]:
        return OneLine({call.name: call.arguments[0][1]})
    return OneLine({call.name: {_key(name): value for name, value in call.arguments}})


def _key(name: str) -> str | int:
    """Whole numbers need no quotes as keys: the reader takes every key as text."""
    return int(name) if _WHOLE_NUMBER.fullmatch(name) else name
