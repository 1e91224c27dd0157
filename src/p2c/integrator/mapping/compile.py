"""A leg compiled once: what to read, and a fast function from source row to destination row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter

from p2c.edm.entity import Entity, Model
from p2c.edm.values import Row, Value
from p2c.errors import ConfigurationError
from p2c.integrator.mapping.codes import Refused
from p2c.integrator.mapping.conditions import compile_conditions
from p2c.integrator.mapping.convert import is_trusted
from p2c.integrator.mapping.fields import Compute, Needs, compile_field, is_copy
from p2c.integrator.mapping.related import DestinationLookup, RelatedField
from p2c.integrator.mapping.resolve import resolve_destination, resolve_source
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
    _copied: tuple[str, ...] = field(repr=False)
    _take: Callable[[Mapping[str, Value]], tuple[Value, ...]] = field(repr=False)
    _constants: Row = field(repr=False)
    _computed: tuple[tuple[str, Compute], ...] = field(repr=False)

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
        mapped: Row = dict(zip(self._copied, self._take(row), strict=True))
        mapped.update(self._constants)
        for to, compute in self._computed:
            mapped[to] = compute(row)
        return mapped

    def map_key(self, row: Mapping[str, Value]) -> Row:
        """
        The fields of the destination's key alone, for a row that cannot be mapped as a whole.

        Raises:
            RejectedRowError: If the key itself cannot be mapped.
        """
        copied = dict(zip(self._copied, self._take(row), strict=True))
        computed = {to: compute(row) for to, compute in self._computed if to in self.key}
        return {name: (copied | self._constants | computed)[name] for name in self.key}


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
    copied: list[tuple[str, str]] = []
    constants: Row = {}
    computed: list[tuple[str, Compute]] = []
    for item in leg.fields:
        found = resolve_destination(item.to, destination, destination_model)
        if found.lookup is not None:
            lookups.append(found.lookup)
        sources = [resolve_source(one, source, source_model) for one in item.sources]
        needs = Needs(item.to in leg.destination.key, found.mandatory)
        if is_copy(item) and needs == Needs() and is_trusted(sources[0].property, found.property):
            copied.append((item.to, item.sources[0].name))
        else:
            try:
                compute = compile_field(item, found.property, needs)
            except Refused as refused:
                raise ConfigurationError(refused.what, where=item.to) from refused
            if item.sources:
                computed.append((item.to, compute))
            else:
                constants[item.to] = compute({})
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
        _copied=tuple(to for to, _ in copied),
        _take=_taker([name for _, name in copied]),
        _constants=constants,
        _computed=tuple(computed),
    )


def _taker(names: list[str]) -> Callable[[Mapping[str, Value]], tuple[Value, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda row: tuple(row[name] for name in names)
