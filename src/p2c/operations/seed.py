"""Rows that a new Operations database starts with, because no data entity publishes their tables."""

from __future__ import annotations

from collections.abc import Mapping

from p2c.edm.values import Row

SEED: Mapping[str, tuple[Row, ...]] = {
    "decision_role": (
        {"RecId": 1, "DecisionRoleCode": "DecisionMaker", "Description": "Decision maker"},
        {"RecId": 2, "DecisionRoleCode": "Employee", "Description": "Employee"},
        {"RecId": 3, "DecisionRoleCode": "Influencer", "Description": "Influencer"},
    ),
}
