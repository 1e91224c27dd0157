"""Turns what a destination says of a refused row into a rejected row that people can act on."""

from __future__ import annotations

import re
from collections.abc import Iterable

from p2c.edm.values import Row
from p2c.errors import RejectedRowError
from p2c.integrator.mapping.codes import RejectCode
from p2c.odata.client.environment import WriteResult

_BY_CODE = {
    "0x80040200": RejectCode.REQUIRED_MISSING,
    "0x80044331": RejectCode.TEXT_TOO_LONG,
    "0x8004432f": RejectCode.WRONG_TYPE,
    "0x80044330": RejectCode.WRONG_TYPE,
    "0x80048d19": RejectCode.WRONG_TYPE,
    "0x8004431a": RejectCode.BAD_CHOICE,
    "0x80040217": RejectCode.LOOKUP_NOT_FOUND,
    "0x80060891": RejectCode.LOOKUP_NOT_FOUND,
    "0x80060892": RejectCode.DUPLICATE_KEY,
    "0x80040237": RejectCode.DUPLICATE_KEY,
}
"""Dataverse's error codes; Finance and Operations has none."""


def refused(result: WriteResult, values: Row, fields: Iterable[str]) -> RejectedRowError:
    """The rejection for a destination's answer; the field is the first mapped one that its message names."""
    code = _BY_CODE.get(result.code, RejectCode.DESTINATION_REFUSED)
    words = set(re.findall(r"\w+", result.message))
    field = next((name for name in fields if name in words or name.split(".")[0] in words), "")
    return RejectedRowError(
        code.value,
        result.message or "the destination refused the row without a reason",
        field=field,
        value=values.get(field),
        way_out=code.way_out,
    )
