"""Hangs the actions of Sales on its service: parameters as the protocol sends them, refusals as it answers them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

from p2c.database.session import Session
from p2c.edm.values import Row, Value
from p2c.odata.service.access import Privilege, demand_rows
from p2c.odata.service.dataverse.service import Action
from p2c.odata.service.faults import RowRefusedError
from p2c.sales.actions import ACTIONS
from p2c.sales.actions.parameters import ActionRefusedError
from p2c.sales.model import MODEL

_BIND = "@odata.bind"
_KEY = re.compile(r"\(([0-9a-fA-F-]{36})\)$")
_ANSWERS_WITH = "quote"


def service_actions() -> dict[str, Action]:
    """The actions by name, as the service calls them."""
    return {name: _served(name) for name in ACTIONS}


def _served(name: str) -> Action:
    action = ACTIONS[name]

    def serve(parameters: Mapping[str, object], session: Session) -> tuple[str, Value] | None:
        decoded = {key: _decoded(value) for key, value in parameters.items()}
        _demand_quotes(decoded, session)
        try:
            row = action(decoded, session)
        except ActionRefusedError as error:
            raise RowRefusedError(error.problem) from error
        return None if row is None else (_ANSWERS_WITH, row["quoteid"])

    return serve


def _demand_quotes(parameters: Mapping[str, Row | Value], session: Session) -> None:
    """The caller must be allowed to write the quotes that the parameters name."""
    named = [value.get("quoteid") if isinstance(value, dict) else value for value in parameters.values()]
    keys = {key for value in named if (key := _guid(value)) is not None}
    demand_rows(MODEL.entity[_ANSWERS_WITH], Privilege.WRITE, session.rows(_ANSWERS_WITH, "quoteid", keys))


def _guid(value: object) -> UUID | None:
    try:
        return value if isinstance(value, UUID) else UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _decoded(value: object) -> Row | Value:
    """An entity parameter as a row by column name; lookups come as bindings."""
    if not isinstance(value, dict):
        return value if isinstance(value, str | int | float | bool) else None
    row: Row = {}
    for name, item in value.items():
        bound = _KEY.search(item) if name.endswith(_BIND) and isinstance(item, str) else None
        if bound is not None:
            row[name.removesuffix(_BIND)] = UUID(bound[1])
        elif isinstance(item, str | int | float | bool) and not name.startswith("@"):
            row[name] = item
    return row
