"""Fills the lookups of rows that clients write: from binds, and from values reached through lookups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from p2c.edm.change import Problem, ProblemKind
from p2c.edm.entity import Entity, Model
from p2c.edm.values import Row, Value
from p2c.odata.service.identity import Found, Resolver, inner_name, lookup_parts, several_rows
from p2c.odata.service.writes import Address, Write


def fill_lookups(model: Model, resolver: Resolver, entity: Entity, writes: Sequence[Write]) -> dict[int, Problem]:
    """
    Turn binds and path properties into lookup columns of `values`, one query an addressed key for all writes.

    Returns:
        What cannot be found, or named several rows, by the write's number; and problems that writes came with.
    """
    problems = {write.number: write.problem for write in writes if write.problem is not None}
    for write in writes:
        if write.address is not None and entity.paths:
            write.values.update(_path_values(entity, write.address))
        for lookup, parts in lookup_parts(entity, write.values).items():
            for name in parts:
                del write.values[name]
            if lookup in entity.property:
                write.binds[lookup] = _path_address(model, entity, lookup, parts)
    found = resolver.addresses(address for write in writes for address in write.binds.values() if address is not None)
    for write in writes:
        for lookup, address in write.binds.items():
            if address is not None and address not in found.keys:
                problems.setdefault(write.number, _not_found(model, lookup, address, found))
            write.values[lookup] = found.keys.get(address) if address is not None else None
            if entity.property[lookup].polymorphic:
                write.values[f"{lookup}_type"] = address.entity if address is not None else None
    return problems


def _not_found(model: Model, lookup: str, address: Address, found: Found) -> Problem:
    if address in found.several:
        return several_rows(model.entity[address.entity], address)
    return Problem(
        ProblemKind.LOOKUP_MISSING,
        f"{lookup} points at {address}, which does not exist; create that row first or mend the value",
        field=lookup,
        value=", ".join(str(value) for value in address.values),
    )


def _path_address(model: Model, entity: Entity, lookup: str, parts: Mapping[str, Value]) -> Address | None:
    """The row that a lookup's key values name; None when its own key part is empty."""
    target = model.entity[entity.property[lookup].targets[0]]
    inner = {inner_name(target, entity.property[name].path): value for name, value in parts.items()}
    own = [name for name in inner if not target.property[name].path]
    if all(inner[name] in (None, "") for name in own or inner):
        return None
    return Address(target.name, tuple(inner), tuple(inner.values()))


def _path_values(entity: Entity, address: Address) -> Row:
    """The parts of an address that are reached through lookups: a new row needs these lookups set."""
    return {
        name: value for name, value in zip(address.names, address.values, strict=True) if entity.property[name].path
    }
