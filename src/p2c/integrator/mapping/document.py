"""A YAML document as nodes that know their line.

Plain words mean what YAML 1.2 says: `yes`, `no` and dates are text; only `true` and `false` are boolean. So
a value map can have the keys yes and no, and Norway is not false.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

import yaml

from p2c.errors import nearest
from p2c.integrator.mapping.problems import TemplateError, TemplateProblem
from p2c.integrator.mapping.template import Scalar

_TAG = "tag:yaml.org,2002:"


class _CoreLoader(yaml.SafeLoader):
    """Recognises the scalars of YAML 1.2's core schema only."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own shape


_CoreLoader.add_implicit_resolver(_TAG + "bool", re.compile(r"^(?:true|false)$"), list("tf"))
_CoreLoader.add_implicit_resolver(_TAG + "null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])
_CoreLoader.add_implicit_resolver(_TAG + "int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789"))
_CoreLoader.add_implicit_resolver(_TAG + "float", re.compile(r"^-?[0-9]+\.[0-9]+$"), list("-0123456789"))


class Document:
    """One file being read: its root node, and the problems found on the way."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.problems: list[TemplateProblem] = []
        self.root = self._compose(text)

    def problem(self, node: yaml.Node, what: str, way_out: str = "", code: str = "") -> None:
        """Note a problem at the node's line."""
        self.problems.append(TemplateProblem(self.file, line_of(node), what, way_out, code))

    def mapping(
        self, node: yaml.Node, what: str, required: Iterable[str], optional: Iterable[str] = ()
    ) -> dict[str, yaml.Node]:
        """The node's entries by key; wrong kinds, unknown, missing and repeated keys are noted."""
        entries = {str(key): value for key, value in self.entries(node, what)}
        required = tuple(required)
        known = (*required, *optional)
        for key_node in _keys(node):
            if key_node.value not in known:
                self.problem(key_node, f"{what} has no key {key_node.value!r}", nearest(key_node.value, known))
        if missing := [key for key in required if key not in entries]:
            self.problem(node, f"{what} lacks {', '.join(missing)}", "add it")
        return {key: value for key, value in entries.items() if key in known}

    def entries(self, node: yaml.Node, what: str) -> list[tuple[Scalar, yaml.Node]]:
        """The node's entries in order, with keys as values; a repeated key is noted and left out."""
        if not isinstance(node, yaml.MappingNode):
            self.problem(node, f"{what} is not a mapping", "write keys and values, as {key: value}")
            return []
        found: dict[str, tuple[Scalar, yaml.Node]] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.problem(key, f"a key of {what} is not a plain word")
            elif key.value in found:
                self.problem(key, f"{what} has the key {key.value!r} twice", "remove one")
            else:
                found[key.value] = (scalar_of(key), value)
        return list(found.values())

    def items(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        """The items of a list; anything else is noted and read as an empty list."""
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        self.problem(node, f"{what} is not a list", "begin each item with a dash, or write [a, b]")
        return []

    def scalar(self, node: yaml.Node, what: str) -> Scalar:
        """A single value; anything else is noted and read as null."""
        if isinstance(node, yaml.ScalarNode):
            return scalar_of(node)
        self.problem(node, f"{what} is not a single value")
        return None

    def text(self, node: yaml.Node, what: str) -> str:
        """A text that is not empty; anything else is noted and read as empty."""
        value = self.scalar(node, what)
        if isinstance(value, str) and value:
            return value
        if isinstance(node, yaml.ScalarNode):
            self.problem(node, f"{what} is {node.value!r}, not a text", "put it in quotes")
        return ""

    def texts(self, node: yaml.Node, what: str) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(self.text(item, f"an item of {what}") for item in self.items(node, what))

    def finish(self) -> None:
        """Raise what was noted.

        Raises:
            TemplateError: If there is at least one problem.
        """
        if self.problems:
            raise TemplateError(self.problems)

    def _compose(self, text: str) -> yaml.Node:
        try:
            node = yaml.compose(text, Loader=_CoreLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise TemplateError([TemplateProblem(self.file, line, f"not YAML: {error.problem}")]) from error
        except yaml.YAMLError as error:
            raise TemplateError([TemplateProblem(self.file, 1, f"not YAML: {error}")]) from error
        except RecursionError as error:
            raise TemplateError([TemplateProblem(self.file, 1, "not YAML: nested too deeply")]) from error
        if node is None:
            raise TemplateError([TemplateProblem(self.file, 1, "the file is empty", "write a template into it")])
        return node


def line_of(node: yaml.Node) -> int:
    """The line on which the node begins, from 1."""
    return int(node.start_mark.line) + 1


def scalar_of(node: yaml.ScalarNode) -> Scalar:
    """The value of a scalar node: text, number, boolean or null."""
    kind = node.tag.removeprefix(_TAG)
    if kind == "null":
        return None
    if kind == "bool":
        return bool(node.value == "true")
    if kind == "int":
        return int(node.value)
    if kind == "float":
        return Decimal(node.value)
    return str(node.value)


def _keys(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.MappingNode):
        yield from (key for key, _ in node.value if isinstance(key, yaml.ScalarNode))
