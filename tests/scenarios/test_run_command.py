"""`p2c run` over a laboratory: what it tells people and programs beside the table."""

from __future__ import annotations

import json
from pathlib import Path
from unittest.mock import ANY

from tests.lab import Company, Lab, found
from tests.scenarios.commands import p2c

COMPANY = Company("czmf", "ORG001", "Moravská obchodní", "CZK")


def test_a_queued_run_is_told_by_its_number_for_people_and_programs(lab: Lab, tmp_path: Path) -> None:
    """And as none where it waits already."""
    queued = json.loads(p2c(lab, tmp_path, "run", "products-direct", "--queue", "--json").stdout)
    assert queued == {"job": ANY, "projects": ["products-direct"]}
    assert queued["job"] > 0
    again = json.loads(p2c(lab, tmp_path, "run", "products-direct", "--queue", "--json").stdout)
    assert again == {"job": None, "projects": ["products-direct"]}


def test_a_run_that_is_shown_again_says_who_started_it_and_what_its_error_means(lab: Lab, tmp_path: Path) -> None:
    """As JSON does."""
    found(lab, COMPANY)
    p2c(lab, tmp_path, "run", "accounts-direct", "--all-data", USER="ann")
    shown = p2c(lab, tmp_path, "run", "show", str(lab.store.runs(1)[0].id)).stdout
    assert shown.startswith("accounts-direct, by ann")
    assert "Everything was read, not only what had changed." in shown

    p2c(lab, tmp_path, "run", "accounts-direct", P2C_SALES_URL="http://127.0.0.1:1/api/data/v9.2/")
    stayed_away = p2c(lab, tmp_path, "run", "show", str(lab.store.runs(1)[0].id)).stdout
    assert "\nAn environment stayed away: the same run may pass later.\n" in stayed_away
