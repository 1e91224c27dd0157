"""Reads what Dataverse clients ask to have written: one row, or the targets of a bulk action."""

from __future__ import annotations

from p2c.edm.entity import Entity, Model
from p2c.odata.service.addressing import bind_address
from p2c.odata.service.faults import RequestError, RowRefusedError
from p2c.odata.service.message import Request
from p2c.odata.service.payload import Payload, PayloadError, reader_for
from p2c.odata.service.writes import Address, Mode, Write


def one_write(model: Model, entity: Entity, mode: Mode, request: Request) -> Write:
    """
    The row in the body of a POST or PATCH.

    Raises:
        RowRefusedError: The body cannot be read.
        RequestError: A bind names no row.
    """
    try:
        payload = reader_for(entity).one(request.body)
    except PayloadError as error:
        raise RowRefusedError(error.problem, entity=entity.name) from error
    return _write(model, payload, mode, request, 0)


def bulk_writes(model: Model, entity: Entity, mode: Mode, request: Request) -> list[Write]:
    """
    The rows in `{"Targets": [...]}`; each names its row by `@odata.id` or in its values, except new ones.

    Raises:
        RowRefusedError: The body or a row of it cannot be read.
        RequestError: A bind names no row, a row to update is not named, or a row does not say its type.
    """
    try:
        payloads = reader_for(entity).many(request.body)
    except PayloadError as error:
        raise RowRefusedError(error.problem, error.index, entity.name) from error
    writes = []
    for number, payload in enumerate(payloads):
        _check_type(model, entity, payload.type, number)
        write = _write(model, payload, mode, request, number)
        if payload.id:
            write.address = bind_address(model, payload.id, (entity.name,), request.root)
        elif mode is not Mode.CREATE:
            write.address = _key_in_body(entity, write)
        writes.append(write)
    return writes


def _check_type(model: Model, entity: Entity, given: str, number: int) -> None:
    """The real service makes an entity of each target, and needs to be told of which type."""
    wanted = f"{model.namespace}.{entity.name}"
    if given.removeprefix("#") != wanted:
        found = f"the type '{given[:80]}'" if given else "no type"
        message = f'target {number} has {found}; each needs "@odata.type": "{wanted}"'
        raise RequestError(400, message, "0x80048d19")


def _write(model: Model, payload: Payload, mode: Mode, request: Request, number: int) -> Write:
    binds = {
        lookup: None if bind is None else bind_address(model, bind[0], bind[1], request.root)
        for lookup, bind in payload.binds.items()
    }
    return Write(number, mode, payload.values, binds=binds)


def _key_in_body(entity: Entity, write: Write) -> Address | None:
    """The row that a bulk target names in its body: by primary key, else by a whole alternate key."""
    primary = entity.table.primary_key
    if write.values.get(primary) is not None:
        return Address(entity.name, (primary,), (write.values.pop(primary),))
    for key in entity.alternate_keys:
        if all(write.values.get(name) is not None for name in key.properties):
            return Address(entity.name, key.properties, tuple(write.values[name] for name in key.properties))
    if write.mode is Mode.UPDATE:
        raise RequestError(400, f"each target of {entity.name} needs {primary} or @odata.id", "0x80040203")
    return None
