"""Names of what users add: a publisher's prefix, then a name; bounded, and free of what others are called."""

from __future__ import annotations

import re

from p2c.odata.service.dataverse.customizing.refusals import bad
from p2c.odata.service.faults import RequestError

MAX_LENGTH = 50
SET_LENGTH = MAX_LENGTH + 2
RELATIONSHIP_LENGTH = 100
MAX_LABEL = 100
MAX_DESCRIPTION = 2000
_NAME = re.compile(r"(?P<prefix>[A-Za-z][A-Za-z0-9]{1,7})_[A-Za-z0-9_]+")
_RESERVED = ("mscrm", "msdyn")
_SIBILANTS = ("s", "x", "z", "ch", "sh")


def checked_name(name: str, what: str, limit: int = MAX_LENGTH) -> str:
    """
    The name, when it may be given to a new table, column, key or relationship.

    Raises:
        RequestError: It has no prefix, a reserved one, other characters, or is too long.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        message = (
            f"'{name[:MAX_LABEL]}' is no schema name for a {what}; write a prefix of 2 to 8 letters and digits, "
            "an underscore and a name of letters, digits and underscores: new_Region"
        )
        raise bad(message)
    if found["prefix"].lower().startswith(_RESERVED):
        raise bad(f"the prefix of '{name}' is reserved for the product; use one of your own")
    if len(name) > limit:
        raise bad(f"'{name[:limit]}…' has {len(name)} characters, a {what} may have {limit}; shorten it")
    return name


def checked_text(text: str, limit: int, what: str) -> str:
    """
    A label or description within its length.

    Raises:
        RequestError: It is longer, or holds what cannot be stored.
    """
    if len(text) > limit or "\0" in text:
        raise bad(f"{what} takes {limit} characters of text; shorten it")
    return text


def collection_name(name: str) -> str:
    """The set of a table's rows: the English plural of its name."""
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(_SIBILANTS) else f"{name}s"


def unused(name: str, taken: set[str], what: str, code: str) -> None:
    """
    Refuse a name that something has already, in any case of letters.

    Raises:
        RequestError: It is taken.
    """
    if name.lower() in {other.lower() for other in taken}:
        raise RequestError(400, f"{what} '{name}' already exists; choose another name", code)
