"""Why a change of the model is refused: the platform's public codes."""

from __future__ import annotations

from p2c.odata.service.faults import RequestError

BAD_BODY = "0x80048d19"
BAD_VALUE = "0x80040203"
MISSING = "0x80040217"
IN_USE = "0x8004f01f"
NAME_TAKEN = "0x80047010"
COLUMN_TAKEN = "0x80047013"
RELATIONSHIP_TAKEN = "0x8004432b"
KEY_TAKEN = "0x80060893"
KEY_COLUMNS_TAKEN = "0x80060894"
KEY_VIOLATED = "0x80060892"
PRIMARY_COLUMN = "0x80047002"
SECOND_PRIMARY_COLUMN = "0x8004701e"
SHIPPED = "0x8004f032"
TOO_MANY_TABLES = "0x8004b042"
UNSUPPORTED = "0x80040315"


def bad(message: str, code: str = BAD_VALUE) -> RequestError:
    """A change that cannot be made (400)."""
    return RequestError(400, message, code)


def shipped(what: str, name: str) -> RequestError:
    """A change of something that came with the product."""
    return bad(f"{what} '{name}' came with the product and stays as it is; change what was added", SHIPPED)


def in_use(what: str, name: str, by: str) -> RequestError:
    """A removal of something that other definitions need."""
    return bad(f"{what} '{name}' cannot be deleted: {by} needs it; delete that first", IN_USE)
