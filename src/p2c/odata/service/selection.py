"""What `$select` and `$expand` bring along although nobody named it, and what they may not ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from p2c.edm.entity import Entity, Model
from p2c.odata.query.ast import Expand
from p2c.odata.service.faults import RequestError
from p2c.odata.source import collection_targets

MAX_EXPANDS = 15
_CURRENCY = "transactioncurrencyid"
_SEMANTICS = "0x80060888"


def with_currency(entity: Entity, names: Sequence[str]) -> tuple[str, ...]:
    """The names selected, and the currency when one of them is an amount: those always come together."""
    amounts = any((item := entity.property.get(name)) is not None and item.money for name in names)
    if amounts and _CURRENCY in entity.property:
        return tuple(dict.fromkeys((*names, f"_{_CURRENCY}_value")))
    return tuple(names)


def expanded_with_currency(model: Model, entity: Entity, expands: Sequence[Expand]) -> tuple[Expand, ...]:
    """The same for what is expanded, on every level; unknown navigation properties stay as they are."""
    found = []
    for expand in expands:
        target = _target(model, entity, expand.navigation)
        if target is not None:
            expand = replace(
                expand,
                select=with_currency(target, expand.select),
                expand=expanded_with_currency(model, target, expand.expand),
            )
        found.append(expand)
    return tuple(found)


def _target(model: Model, entity: Entity, navigation: str) -> Entity | None:
    single = entity.navigation.get(navigation)
    if single is not None:
        return model.entity[single[1]]
    return collection_targets(model, entity).get(navigation)


def checked_expands(model: Model, entity: Entity, expands: Sequence[Expand]) -> None:
    """
    Refuse what `$expand` may not ask (the service's own limits).

    Raises:
        RequestError: More than 15 expands in all, `$skip` or `$count` inside one, `$ref` of a collection, or
            `$top` or `$orderby` where something is expanded further down.
    """
    count = _counted(expands)
    if count > MAX_EXPANDS:
        message = f"the query has {count} expands, {MAX_EXPANDS} are allowed; read the rest in further requests"
        raise RequestError(400, message, _SEMANTICS)
    nested = any(expand.expand for expand in expands)
    for expand in expands:
        _check(model, entity, expand, nested)


def _check(model: Model, entity: Entity, expand: Expand, nested: bool) -> None:
    name = expand.navigation
    if expand.skip is not None or expand.count:
        raise RequestError(400, f"$skip and $count cannot be used inside $expand of '{name}'", _SEMANTICS)
    if expand.ref and name in collection_targets(model, entity):
        message = f"only single-valued navigation properties can be expanded with $ref; '{name}' is a collection"
        raise RequestError(400, message, _SEMANTICS)
    if nested and (expand.top is not None or expand.orderby):
        message = f"$top and $orderby cannot be used in the nested $expand of '{name}'; take them out"
        raise RequestError(400, message, _SEMANTICS)
    target = _target(model, entity, name)
    for inner in expand.expand:
        if target is not None:
            _check(model, target, inner, nested)


def _counted(expands: Sequence[Expand]) -> int:
    return sum(1 + _counted(expand.expand) for expand in expands)
