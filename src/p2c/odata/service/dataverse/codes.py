"""Dataverse's error codes and statuses for the kinds of problem (the platform's public error enum)."""

from __future__ import annotations

from dataclasses import replace

from p2c.edm.change import Problem, ProblemKind
from p2c.edm.entity import Entity, Model
from p2c.edm.values import EdmType
from p2c.odata.service.addressing import is_plain_key
from p2c.odata.service.writes import Write

MISSED_BY_KEY = "0x80060891"
"""A row that an alternate key names does not exist."""

CODES: dict[ProblemKind, tuple[int, str]] = {
    ProblemKind.REQUIRED: (400, "0x80040200"),
    ProblemKind.TOO_LONG: (400, "0x80044331"),
    ProblemKind.OUT_OF_RANGE: (400, "0x8004432f"),
    ProblemKind.BAD_CHOICE: (400, "0x8004431a"),
    ProblemKind.BAD_STATUS: (400, "0x80048408"),
    ProblemKind.WRONG_TYPE: (400, "0x80048d19"),
    ProblemKind.UNKNOWN_FIELD: (400, "0x80048d19"),
    ProblemKind.LOOKUP_MISSING: (404, "0x80040217"),
    ProblemKind.DUPLICATE_KEY: (412, "0x80060892"),
    ProblemKind.READ_ONLY: (400, "0x8004022e"),
    ProblemKind.NOT_FOUND: (404, "0x80040217"),
    ProblemKind.EXISTS: (412, "0x80040237"),
    ProblemKind.VERSION: (412, "0x80060882"),
    ProblemKind.IN_USE: (405, "0x80040227"),
    ProblemKind.RULE: (400, "0x80040265"),
}

DEFAULT_CODES: dict[int, str] = {
    400: "0x80060888",
    404: "0x8006088a",
    405: "0x8004023b",
    412: "0x80060882",
    501: "0x8006088a",
}
"""Codes of errors of the whole request, by status."""


TOO_MANY_CONDITIONS = "0x8004430c"
_DECIMAL_OUT_OF_RANGE = "0x80044330"


def problem_code(entity: Entity | None, problem: Problem) -> tuple[int, str]:
    """The status and code of a refused row of an entity; rules may bring a code of their own."""
    status, code = CODES[problem.kind]
    item = entity.property.get(problem.field) if entity is not None else None
    if problem.kind is ProblemKind.OUT_OF_RANGE and item is not None and item.type is EdmType.DECIMAL:
        code = _DECIMAL_OUT_OF_RANGE
    return status, problem.code or code


def with_key_code(model: Model, write: Write, problem: Problem) -> Problem:
    """The problem with the code of a row, or a bound row, missed by its alternate key where it was that."""
    missed = None
    if problem.kind is ProblemKind.NOT_FOUND:
        missed = write.address
    elif problem.kind is ProblemKind.LOOKUP_MISSING:
        missed = write.binds.get(problem.field)
    if missed is None or problem.code or is_plain_key(model.entity[missed.entity], missed):
        return problem
    return replace(problem, code=MISSED_BY_KEY)
