"""Reads a template from YAML and checks all that can be known without the environments' entities."""

from __future__ import annotations

from itertools import pairwise

import yaml

from p2c.errors import nearest
from p2c.integrator.mapping.document import Document, line_of
from p2c.integrator.mapping.template import (
    ENVIRONMENTS,
    Condition,
    End,
    FieldMap,
    Form,
    Leg,
    MatchRule,
    OnConflict,
    OnDelete,
    Scalar,
    SourceField,
    Task,
    Template,
    TransformCall,
)
from p2c.integrator.mapping.transforms.declare import text_of
from p2c.integrator.mapping.transforms.registry import TRANSFORMS


def parse_template(text: str, file: str = "") -> Template:
    """
    The template that the YAML text says; `file` is its name for messages.

    Raises:
        TemplateError: With every unknown key, transform and argument, and everything that is missing.
    """
    document = Document(text, file)
    template = _template(document, document.root)
    document.finish()
    return template


def _template(document: Document, node: yaml.Node) -> Template:
    parts = document.mapping(node, "the template", ("template", "label", "form", "version", "tasks"))
    form = _form(document, parts.get("form"))
    tasks = [_task(document, item, form) for item in _items(document, parts.get("tasks"), "tasks")]
    if "tasks" in parts and not tasks:
        document.problem(parts["tasks"], "the template has no tasks", "add one")
    _refuse_twice(document, parts.get("tasks"), [task.name for task in tasks])
    return Template(
        name=_text(document, parts.get("template"), "template"),
        label=_text(document, parts.get("label"), "label"),
        form=form,
        version=_version(document, parts.get("version")),
        tasks=tuple(tasks),
        file=document.file,
    )


def _form(document: Document, node: yaml.Node | None) -> Form:
    spelled = _text(document, node, "form")
    known = {form.value: form for form in Form}
    if node is not None and spelled and spelled not in known:
        document.problem(node, f"there is no form {spelled!r}", nearest(spelled, known))
    return known.get(spelled, Form.DIRECT)


def _version(document: Document, node: yaml.Node | None) -> int:
    value = document.scalar(node, "version") if node is not None else 1
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    if node is not None:
        document.problem(node, f"version is {text_of(value)!r}", "write a whole number, 1 or more")
    return 1


def _task(document: Document, node: yaml.Node, form: Form) -> Task:
    parts = document.mapping(node, "a task", ("task", "legs"), ("needs", "on_delete", "on_conflict", "match"))
    legs = [_leg(document, item) for item in _items(document, parts.get("legs"), "legs")]
    if "legs" in parts and len(legs) != form.legs:
        what = f"a task of the form {form.value} has {form.legs}, here are {len(legs)} legs"
        document.problem(parts["legs"], what, "add or remove legs, or change the form")
    for before, after in pairwise(legs):
        if (before.destination.environment, before.destination.entity) != (
            after.source.environment,
            after.source.entity,
        ):
            document.problem(node, "a leg does not read what the leg before it wrote", "use the same entity")
    on_delete, inactive = _on_delete(document, parts.get("on_delete"))
    return Task(
        name=_text(document, parts.get("task"), "task"),
        legs=tuple(legs),
        needs=document.texts(parts["needs"], "needs") if "needs" in parts else (),
        on_delete=on_delete,
        inactive=inactive,
        on_conflict=_on_conflict(document, parts.get("on_conflict")),
        match=_match(document, parts["match"]) if "match" in parts else None,
        line=line_of(node),
    )


def _on_delete(document: Document, node: yaml.Node | None) -> tuple[OnDelete, tuple[tuple[str, Scalar], ...]]:
    """`ignore`, `delete`, or `{deactivate: {field: value, …}}`."""
    if isinstance(node, yaml.MappingNode):
        parts = document.mapping(node, "on_delete", (OnDelete.DEACTIVATE.value,))
        sets = parts.get(OnDelete.DEACTIVATE.value)
        entries = document.entries(sets, "the fields of deactivate") if sets is not None else []
        if sets is not None and not entries:
            document.problem(sets, "nothing makes the row inactive", "name fields with their values")
        return OnDelete.DEACTIVATE, tuple(
            (text_of(key), document.scalar(value, text_of(key))) for key, value in entries
        )
    words = (OnDelete.IGNORE.value, OnDelete.DELETE.value)
    spelled = document.text(node, "on_delete") if node is not None else OnDelete.IGNORE.value
    if node is not None and spelled not in words:
        way_out = f"write {', '.join(words)} or {{deactivate: {{field: value}}}}"
        document.problem(node, f"on_delete is {spelled!r}", way_out)
        return OnDelete.IGNORE, ()
    return OnDelete(spelled), ()


def _on_conflict(document: Document, node: yaml.Node | None) -> OnConflict:
    known = {item.value: item for item in OnConflict}
    spelled = document.text(node, "on_conflict") if node is not None else OnConflict.SOURCE.value
    if node is not None and spelled not in known:
        document.problem(node, f"on_conflict is {spelled!r}", f"write {', '.join(known)}")
    return known.get(spelled, OnConflict.SOURCE)


def _match(document: Document, node: yaml.Node) -> MatchRule:
    parts = document.mapping(node, "match", ("on",), ("ignore_case",))
    pairs = document.entries(parts["on"], "on") if "on" in parts else []
    if "on" in parts and not pairs:
        document.problem(parts["on"], "match has no fields", "write {source field: destination field}")
    ignore_case = document.scalar(parts["ignore_case"], "ignore_case") if "ignore_case" in parts else True
    if not isinstance(ignore_case, bool):
        document.problem(parts["ignore_case"], f"ignore_case is {text_of(ignore_case)!r}", "write true or false")
    on = tuple((text_of(source), document.text(value, f"the field for {text_of(source)}")) for source, value in pairs)
    return MatchRule(on, ignore_case is True, line_of(node))


def _leg(document: Document, node: yaml.Node) -> Leg:
    parts = document.mapping(node, "a leg", ("source", "destination", "fields"), ("query", "where"))
    return Leg(
        source=_end(document, parts.get("source"), "source", node),
        destination=_end(document, parts.get("destination"), "destination", node),
        where=tuple(_condition(document, item) for item in _items(document, parts.get("where"), "where")),
        fields=tuple(_field_map(document, item) for item in _items(document, parts.get("fields"), "fields")),
        query=_text(document, parts.get("query"), "query").rstrip(),
        line=line_of(node),
        query_line=line_of(parts["query"]) if "query" in parts else 0,
    )


def _end(document: Document, node: yaml.Node | None, what: str, leg: yaml.Node) -> End:
    if node is None:
        return End("", "", (), line_of(leg))
    parts = document.mapping(node, what, ("environment", "entity", "key"))
    environment = _text(document, parts.get("environment"), "environment")
    if environment and environment not in ENVIRONMENTS:
        document.problem(
            parts["environment"],
            f"there is no environment {environment!r}",
            nearest(environment, ENVIRONMENTS),
        )
    key = document.texts(parts["key"], "key") if "key" in parts else ()
    if "key" in parts and not key:
        document.problem(parts["key"], "the integration key has no fields", "name the fields", "DIPV1003")
    return End(environment, _text(document, parts.get("entity"), "entity"), key, line_of(node))


def _condition(document: Document, node: yaml.Node) -> Condition:
    parts = document.mapping(node, "a condition", ("filter", "because"))
    return Condition(
        filter=_text(document, parts.get("filter"), "filter"),
        because=_text(document, parts.get("because"), "because"),
        line=line_of(node),
    )


def _field_map(document: Document, node: yaml.Node) -> FieldMap:
    parts = document.mapping(node, "a field map", ("to",), ("from", "transforms", "default"))
    calls = tuple(_call(document, item) for item in _items(document, parts.get("transforms"), "transforms"))
    sources = _sources(document, parts["from"]) if "from" in parts else ()
    if "from" not in parts and "default" not in parts:
        document.problem(node, "a field map has neither source nor default", "add from: or default:", "DIPV1021")
    _check_order(document, node, len(sources), calls)
    return FieldMap(
        to=_text(document, parts.get("to"), "to"),
        sources=sources,
        transforms=calls,
        default=document.scalar(parts["default"], "default") if "default" in parts else None,
        line=line_of(node),
    )


def _sources(document: Document, node: yaml.Node) -> tuple[SourceField, ...]:
    several = isinstance(node, yaml.SequenceNode)
    texts = document.texts(node, "from") if several else (document.text(node, "from"),)
    found = []
    for text in filter(None, texts):
        try:
            found.append(SourceField.parse(text))
        except ValueError as error:
            document.problem(node, str(error))
    return tuple(found)


def _check_order(document: Document, node: yaml.Node, sources: int, calls: tuple[TransformCall, ...]) -> None:
    joins = [place for place, call in enumerate(calls) if call.name in TRANSFORMS and TRANSFORMS[call.name].join]
    words = " or ".join(name for name, transform in TRANSFORMS.items() if transform.join)
    if sources > 1 and 0 not in joins:
        document.problem(node, "several sources, but nothing joins them", f"begin the transforms with {words}")
    if any(place > 0 for place in joins) or (joins and sources < 2):
        document.problem(node, f"{words} takes several sources", "put it first, and list the sources under from:")


def _call(document: Document, node: yaml.Node) -> TransformCall:
    if isinstance(node, yaml.ScalarNode):
        name, given = document.text(node, "a transform"), None
    else:
        entries = document.entries(node, "a transform")
        if len(entries) != 1:
            document.problem(node, "a transform is one word with its arguments", "begin each with a dash")
            return TransformCall("", (), line_of(node))
        name, given = text_of(entries[0][0]), entries[0][1]
    transform = TRANSFORMS.get(name)
    if transform is None:
        document.problem(node, f"there is no transform {name!r}", nearest(name, TRANSFORMS))
        return TransformCall(name, (), line_of(node))
    call = TransformCall(name, _arguments(document, given, transform.main), line_of(node))
    for problem in transform.problems(call):
        document.problem(node, problem)
    return call


def _arguments(document: Document, node: yaml.Node | None, main: str) -> tuple[tuple[str, Scalar], ...]:
    if node is None:
        return ()
    if isinstance(node, yaml.ScalarNode):
        return ((main or "value", document.scalar(node, "the argument")),)
    entries = document.entries(node, "the arguments")
    return tuple((text_of(key), document.scalar(value, f"argument {text_of(key)}")) for key, value in entries)


def _items(document: Document, node: yaml.Node | None, what: str) -> list[yaml.Node]:
    return [] if node is None else document.items(node, what)


def _text(document: Document, node: yaml.Node | None, what: str) -> str:
    return "" if node is None else document.text(node, what)


def _refuse_twice(document: Document, node: yaml.Node | None, names: list[str]) -> None:
    for name in sorted({name for name in names if names.count(name) > 1}):
        if node is not None:
            document.problem(node, f"two tasks are named {name!r}", "rename one")
