"""Actions of Sales that clients call by name, beside plain reads and writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from p2c.database.session import Session
from p2c.edm.values import Row
from p2c.sales.actions.parameters import Parameters
from p2c.sales.actions.pricing import calculate_price
from p2c.sales.actions.quote import close_quote, revise_quote, win_quote

Action: TypeAlias = "Callable[[Parameters, Session], Row | None]"

ACTIONS: Mapping[str, Action] = {
    "CalculatePrice": calculate_price,
    "CloseQuote": close_quote,
    "ReviseQuote": revise_quote,
    "WinQuote": win_quote,
}
"""Unbound actions by name: parameters and session in; a row to answer with, or None for no content.

Each raises ActionRefusedError, whose `problem` says why.
"""
