"""Many rows go to Operations in one data package; the command line shows those that it refused."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.e2e.desk import Desk
from tests.e2e.served import Serving

HEADER = "accountnumber,name,address1_country,creditlimit\n"
GOOD = [f"G-{number:04}" for number in range(1_000)]
BAD = [f"B-{number}" for number in range(7)]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A company, its services running, with a thousand good accounts and seven that Operations will refuse."""
    data = tmp_path_factory.mktemp("packages")
    with Serving(data):
        desk = Desk(data, tmp_path_factory.mktemp("files"))
        desk.found()
        lines = [*(f"{number},Good,Germany,5" for number in GOOD), *(f"{number},Bad,Germany,-1" for number in BAD)]
        loaded = desk.load("sales", "accounts", HEADER + "\n".join(lines) + "\n")
        assert loaded.exit_code == 0, loaded.output
        yield desk


def test_seven_bad_rows_among_a_thousand_good_ones_are_shown_with_their_errors(desk: Desk) -> None:
    tried = json.loads(desk.p2c("connection", "test", "operations", "--json").stdout)
    (writing,) = [item["writing"] for item in tried["findings"] if item["entity_set"] == "CustomersV2"]
    assert writing.startswith("data packages from 1,000 rows on")

    ran = desk.p2c("run", "accounts", "--json")
    assert ran.exit_code == 1, ran.output
    counts = json.loads(ran.stdout)["legs"][-1]["counts"]
    assert (counts["read"], counts["created"], counts["rejected"]) == (1_007, 1_000, 7)

    waiting = json.loads(desk.p2c("rejected", "accounts", "--json").stdout)
    assert sorted(row["key"] for row in waiting) == BAD
    assert {(row["code"], row["field"]) for row in waiting} == {("DESTINATION-REFUSED", "CreditLimitAmount")}
    assert all("CreditLimit -1" in row["reason"] for row in waiting)
    shown = desk.p2c("rejected", "accounts").output
    assert all(number in shown for number in BAD)


def test_mended_rows_leave_the_list(desk: Desk) -> None:
    mended = desk.load("sales", "accounts", HEADER + "".join(f"{number},Mended,Germany,1\n" for number in BAD[:3]))
    assert mended.exit_code == 0, mended.output
    desk.p2c("run", "accounts")
    waiting = json.loads(desk.p2c("rejected", "accounts", "--json").stdout)
    assert sorted(row["key"] for row in waiting) == BAD[3:]
