"""A leg compiled once: what to read, and a fast function from source row to destination row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from p2c.edm.entity import Entity, Model
from p2c.edm.values import Row, Value
from p2c.errors import ConfigurationError
from p2c.integrator.mapping.codes import Refused
from p2c.integrator.mapping.conditions import compile_conditions
from p2c.integrator.mapping.convert import is_trusted, passing
from p2c.integrator.mapping.fields import Needs, compile_field, is_copy
from p2c.integrator.mapping.related import DestinationLookup, RelatedField
from p2c.integrator.mapping.resolve import resolve_destination, resolve_source
from p2c.integrator.mapping.row_function import Computed, Constant, Copied, Part, RowFunction, row_function
from p2c.integrator.mapping.template import Leg, SourceField


@dataclass(frozen=True, slots=True)
class CompiledLeg:
    """
    One leg, ready for rows.

    `select` are the source's own fields to read: those mapped, those of the key and of the conditions, and
    the lookups behind `related`. `related` are values of other rows that the reader adds under their names.
    `lookups` say which mapped values name a row that must be found at the destination. `source_key` and
    `key` are the integration key on both sides, without the company. `sources` has for each of `fields` the
    source fields that it comes from, as people read them; its own name when it comes from none.
    """

    select: tuple[str, ...]
    related: tuple[RelatedField, ...]
    lookups: tuple[DestinationLookup, ...]
    source_key: tuple[str, ...]
    key: tuple[str, ...]
    fields: tuple[str, ...]
    sources: Mapping[str, str]
    _why_skipped: Callable[[Mapping[str, Value]], str | None] = field(repr=False)
    _map_row: RowFunction = field(repr=False)
    _map_key: RowFunction = field(repr=False)

    def why_skipped(self, row: Mapping[str, Value]) -> str | None:
        """The reason for which the row stays behind, or None when it goes on."""
        return self._why_skipped(row)

    def map_row(self, row: Mapping[str, Value]) -> Row:
        """
        The destination row, with a value for each of `fields`; the company is not among them.

        Args:
            row: Typed values under every name of `select` and of `related`.

        Raises:
            RejectedRowError: If a value cannot be mapped; the first one in the order of the field maps.
        """
        return self._map_row(row)

    def map_key(self, row: Mapping[str, Value]) -> Row:
        """
        The fields of the destination's key alone, for a row that cannot be mapped as a whole.

        Raises:
            RejectedRowError: If the key itself cannot be mapped.
        """
        return self._map_key(row)


def compile_leg(
    leg: Leg, source: Entity, destination: Entity, source_model: Model, destination_model: Model
) -> CompiledLeg:
    """
    The leg over the entities of two environments; the template has been checked against them.

    Raises:
        ConfigurationError: If a name or a literal does not fit the entities after all.
    """
    why_skipped, needed = compile_conditions(leg.where, source, source_model)
    select: dict[str, None] = {}
    related: dict[str, RelatedField] = {}
    lookups: list[DestinationLookup] = []
    parts: dict[str, Part] = {}
    for item in leg.fields:
        found = resolve_destination(item.to, destination, destination_model)
        if found.lookup is not None:
            lookups.append(found.lookup)
        sources = [resolve_source(one, source, source_model) for one in item.sources]
        needs = Needs(item.to in leg.destination.key, found.mandatory)
        if is_copy(item) and needs == Needs() and is_trusted(sources[0].property, found.property):
            parts[item.to] = Copied(item.sources[0].name)
            continue
        try:
            rule = compile_field(item, found.property, needs)
        except Refused as refused:
            raise ConfigurationError(refused.what, where=item.to) from refused
        if is_copy(item):
            parts[item.to] = Computed(rule, item.sources[0].name, passing(found.property))
        else:
            parts[item.to] = Computed(rule) if item.sources else Constant(rule({}))
    named = [one for item in leg.fields for one in item.sources] + [SourceField.parse(one) for one in leg.source.key]
    for one in named:
        reached = resolve_source(one, source, source_model).related
        select[one.lookup or one.field] = None
        if reached is not None:
            related[reached.name] = reached
    return CompiledLeg(
        select=tuple(select | dict.fromkeys(needed)),
        related=tuple(related.values()),
        lookups=tuple(lookups),
        source_key=leg.source.key,
        key=leg.destination.key,
        fields=tuple(item.to for item in leg.fields),
        sources={item.to: " + ".join(source.name for source in item.sources) or item.to for item in leg.fields},
        _why_skipped=why_skipped,
        _map_row=row_function(parts),
        _map_key=row_function({name: parts[name] for name in leg.destination.key}),
    )
