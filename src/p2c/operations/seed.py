"""Rows that a new Operations database starts with: what no data entity publishes, and the first user."""

from __future__ import annotations

from collections.abc import Mapping

from p2c.edm.values import Row
from p2c.operations.saving.users import ADMINISTRATOR

# Keys that the database counts begin at 1.
_BEFORE_ALL = 0
SEED: Mapping[str, tuple[Row, ...]] = {
    "decision_role": (
        {"RecId": 1, "DecisionRoleCode": "DecisionMaker", "Description": "Decision maker"},
        {"RecId": 2, "DecisionRoleCode": "Employee", "Description": "Employee"},
        {"RecId": 3, "DecisionRoleCode": "Influencer", "Description": "Influencer"},
    ),
    "user_info": (
        {
            "RecId": _BEFORE_ALL,
            "UserID": ADMINISTRATOR,
            "UserName": "Administrator",
            "Alias": "",
            "Email": "",
            "Company": "",
            "Enabled": True,
        },
    ),
}
