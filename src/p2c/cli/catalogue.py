"""Tables of what an environment has: its entities, and the fields of one."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.cli.console import out, say_json, whole
from p2c.cli.tables import listing
from p2c.integrator.catalogue import CatalogueEntity, CatalogueField
from p2c.text import _

_CHOICES_SHOWN = 6


def show_entities(found: Sequence[CatalogueEntity], *, as_json: bool) -> None:
    """A line an entity: its keys, how many fields it has, whether it can be written."""
    if as_json:
        say_json(found)
        return
    table = listing(_("Entity"), ">" + _("Fields"), _("Keys"), "")
    for item in found:
        keys = "; ".join(", ".join(key) for key in item.keys)
        table.add_row(item.entity_set, whole(item.fields), keys, "" if item.writable else _("read only"))
    out.print(table)


def show_fields(found: Sequence[CatalogueField], *, as_json: bool) -> None:
    """A line a field: type and length, what it is, and what it may hold."""
    if as_json:
        say_json(found)
        return
    table = listing(_("Field"), _("Type"), "", _("Values"))
    for item in found:
        table.add_row(item.name, _type(item), _marks(item), _values(item))
    out.print(table)


def _type(item: CatalogueField) -> str:
    return f"{item.type} {item.max_length}" if item.max_length is not None else item.type


def _marks(item: CatalogueField) -> str:
    marks = ((item.key, _("key")), (item.required, _("required")), (not item.writable, _("read only")))
    return ", ".join(text for holds, text in marks if holds)


def _values(item: CatalogueField) -> str:
    if item.targets:
        return "→ " + ", ".join(item.targets)
    shown = ", ".join(f"{one.value} {one.name}" for one in item.choices[:_CHOICES_SHOWN])
    return f"{shown}, …" if len(item.choices) > _CHOICES_SHOWN else shown
