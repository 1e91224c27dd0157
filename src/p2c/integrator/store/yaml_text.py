"""Writes plain values as YAML that people like to read: blocks in the order given, some of them on a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

import yaml

from p2c.integrator.mapping.template import Scalar

Plain: TypeAlias = "Scalar | Sequence[Plain] | Mapping[str | int, Plain]"

_NO_LIMIT = 1 << 30
_TAG = "tag:yaml.org,2002:"


class OneLine(dict[str | int, Plain]):
    """A mapping that is written on one line, however long."""


class Block(str):
    """A text that is written as it stands, line by line, where YAML can."""


class _Writer(yaml.SafeDumper):
    """Indents lists under their key and never refers back to equal values."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: object) -> bool:
        return True


def _flow(writer: _Writer, value: OneLine) -> yaml.Node:
    return writer.represent_mapping(_TAG + "map", value.items(), flow_style=True)


def _block(writer: _Writer, value: Block) -> yaml.Node:
    return writer.represent_scalar(_TAG + "str", value, style="|")


def _decimal(writer: _Writer, value: Decimal) -> yaml.Node:
    text = format(value, "f")
    return writer.represent_scalar(_TAG + ("float" if "." in text else "int"), text)


def _sequence(writer: _Writer, value: Sequence[Plain]) -> yaml.Node:
    """Lists of single values stay on one line."""
    short = all(not isinstance(item, Mapping | list | tuple) for item in value)
    return writer.represent_sequence(_TAG + "seq", value, flow_style=short or None)


_Writer.add_representer(OneLine, _flow)
_Writer.add_representer(Block, _block)
_Writer.add_representer(Decimal, _decimal)
_Writer.add_representer(list, _sequence)
_Writer.add_representer(tuple, _sequence)


def yaml_text(value: Plain) -> str:
    """The value as a YAML document. Mappings keep their order; text that looks like a number is quoted."""
    return str(
        yaml.dump(
            value,
            Dumper=_Writer,
            sort_keys=False,
            allow_unicode=True,
            default_flow_style=False,
            width=_NO_LIMIT,
        )
    )
