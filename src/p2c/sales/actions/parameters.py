"""Parameters of actions, and the error that refuses a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias
from uuid import UUID

from p2c.edm.change import Problem, ProblemKind
from p2c.edm.values import Row, Value
from p2c.errors import P2CError

Parameters: TypeAlias = "Mapping[str, Row | Value]"
"""Decoded parameters: plain values, and for a parameter of an entity type its row by column name."""


class ActionRefusedError(P2CError):
    """The action cannot be done; nothing was written. `problem` says why, as for a refused row."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message, where=problem.field)


def refuse_if(problem: Problem | None) -> None:
    """Raise ActionRefusedError for a problem."""
    if problem is not None:
        raise ActionRefusedError(problem)


def entity(parameters: Parameters, name: str) -> Row:
    """A required parameter of an entity type."""
    value = parameters.get(name)
    if not isinstance(value, dict):
        raise ActionRefusedError(_missing(name))
    return value


def identifier(values: Mapping[str, Row | Value], name: str) -> UUID:
    """A required GUID, also when it comes as text."""
    value = values.get(name)
    if isinstance(value, str):
        try:
            return UUID(value)
        except ValueError:
            raise ActionRefusedError(
                Problem(ProblemKind.WRONG_TYPE, f"{name} {value!r} is no GUID.", field=name, value=value)
            ) from None
    if not isinstance(value, UUID):
        raise ActionRefusedError(_missing(name))
    return value


def number(parameters: Parameters, name: str, default: int) -> int:
    """A whole number, `default` when it is not sent."""
    value = parameters.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        shown = None if isinstance(value, dict) else value
        raise ActionRefusedError(
            Problem(ProblemKind.WRONG_TYPE, f"{name} is no whole number; send one.", field=name, value=shown)
        )
    return value


def _missing(name: str) -> Problem:
    return Problem(ProblemKind.REQUIRED, f"The action needs the parameter {name}; send it.", field=name)
