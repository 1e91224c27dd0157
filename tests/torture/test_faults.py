"""Services in trouble: whatever they answer instead, or not at all, the rows arrive once and are counted once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientTimeout

from p2c.integrator.engine import environments
from p2c.integrator.outcome import Counts, Run, Status
from p2c.odata.client import http
from p2c.wiring.guard import Guard
from tests.lab import Company, Lab, found
from tests.lab.reach import Json
from tests.scenarios.comparing import compared
from tests.scenarios.trade import account

CZECH = Company("czmf", "ORG001", "Moravská obchodní", "CZK")
KNOWN, NEW = 1000, 300
"""With so many rows a whole read goes to Operations by data packages, what has changed by `$batch`."""
MOST_RUNS = 30
SEED = 1
_numbers = count(KNOWN)

FAULTS: dict[str, Json] = {
    "too many requests": {"fault": "429", "rate": 0.3, "seconds": 0},
    "an error": {"fault": "500", "rate": 0.2},
    "an error after the write": {"fault": "500", "rate": 0.3, "after": True, "method": "POST"},
    "away": {"fault": "503", "rate": 0.3, "seconds": 0},
    "away after the write": {"fault": "503", "rate": 0.3, "seconds": 0, "after": True, "method": "POST"},
    "cut": {"fault": "cut", "rate": 0.3},
    "cut after the write": {"fault": "cut", "rate": 0.3, "after": True, "method": "POST"},
    "no answer in time, after the write": {
        "fault": "slow",
        "nth": 1,
        "times": 1,
        "seconds": 4,
        "after": True,
        "method": "POST",
    },
    "token expired": {"fault": "expired", "rate": 0.3},
}


class Tokens:
    """A credential whose tokens are numbered; the services here do not ask who calls."""

    def __init__(self) -> None:
        self._number = 0

    async def token(self, *, anew: bool = False) -> str:
        """The last one, or the next."""
        self._number += anew
        return f"token-{self._number}"


@pytest.fixture(scope="module")
def troubled(database_url: Callable[[str], str]) -> Iterator[Lab]:
    """Accounts that have been delivered, and services whose faults can be switched."""
    with Lab(database_url, Guard(faults=True)) as lab:
        found(lab, CZECH)
        lab.load("sales", "accounts", [account(CZECH, f"F-{place:05}") for place in range(KNOWN)])
        assert lab.run("accounts").status is Status.COMPLETED
        yield lab


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that soon tries again, waits three seconds for an answer, and has tokens to renew."""
    monkeypatch.setattr(http, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(http, "TIMEOUT", ClientTimeout(total=3))
    monkeypatch.setattr(environments, "credential_of", lambda *_: Tokens())


def switch(lab: Lab, *rules: Json) -> int:
    """Faults of all three services from now on; how often the last ones struck."""
    struck = 0
    for name, url in lab.urls.items():
        parts = urlsplit(url)
        address = f"{parts.scheme}://{parts.netloc}/faults"
        listed = lab.send(name, "GET", address).body.decode()
        struck += sum(int(part.split(",")[0].rstrip("}]")) for part in listed.split('"struck":')[1:])
        assert lab.send(name, "POST", address, list(rules)).status == 200
    return struck


@pytest.mark.parametrize(
    ("name", "whole"), [*((name, False) for name in FAULTS), *((name, True) for name in FAULTS if "after" in name)]
)
def test_rows_arrive_once_and_are_counted_once(troubled: Lab, name: str, whole: bool) -> None:
    new = [f"F-{next(_numbers):05}" for _ in range(NEW)]
    troubled.load("sales", "accounts", [account(CZECH, number) for number in new])
    switch(troubled, {**FAULTS[name], "seed": SEED})
    runs = [troubled.run("accounts", all_data=whole)]
    while len(runs) < MOST_RUNS and runs[-1].status is not Status.COMPLETED:
        runs.append(troubled.run("accounts"))
    assert switch(troubled) > 0
    runs.append(troubled.run("accounts"))

    assert runs[-1].status is Status.COMPLETED
    delivered = [counted(runs, leg) for leg in (1, 2)]
    assert [counts.created + counts.updated for counts in delivered] == [NEW, NEW]
    there = [str(row["CustomerAccount"]) for row in troubled.rows("operations", "CustomersV2")]
    assert len(there) == len(set(there))
    assert set(new) <= set(there)
    assert troubled.rejected("accounts") == []
    assert all(leg.total.agrees for leg in compared(troubled, "accounts")[0])


def counted(runs: list[Run], number: int) -> Counts:
    """What all runs counted on a leg."""
    return sum((leg.counts for run in runs for leg in run.legs if leg.leg == number), Counts())
