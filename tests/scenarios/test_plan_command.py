"""`p2c plan` over a laboratory: values of new rows where every row is asked for, and legs named in one way."""

from __future__ import annotations

import json
from pathlib import Path

from tests.lab import Company, Lab, found
from tests.scenarios.commands import p2c
from tests.scenarios.trade import account

COMPANY = Company("czmf", "ORG001", "Moravská obchodní", "CZK")


def test_new_rows_have_their_values_where_every_row_is_asked_for(lab: Lab, tmp_path: Path) -> None:
    found(lab, COMPANY)
    lab.load("sales", "accounts", [account(COMPANY, "N-1")])
    short = p2c(lab, tmp_path, "plan", "accounts")
    assert short.exit_code == 0
    assert "create  N-1" in short.stdout
    assert "OrganizationName" not in short.stdout
    assert "--rows shows the values of new rows." in short.stdout

    every = p2c(lab, tmp_path, "plan", "accounts", "--rows").stdout
    assert "          OrganizationName: Account N-1\n" in every
    assert "          AddressStreet: K… (10)\n" in every

    told = json.loads(p2c(lab, tmp_path, "plan", "accounts", "--json").stdout)
    named = [{name: leg[name] for name in ("project", "task", "leg")} for leg in told["legs"]]
    assert [leg["leg"] for leg in named] == [1, 2]
    assert [{name: row[name] for name in ("project", "task", "leg")} for row in told["rows"]] == named
