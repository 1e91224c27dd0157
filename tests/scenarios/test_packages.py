"""Many rows go to Operations in data packages; what becomes of each is told row by row, as by batches."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from p2c.integrator.outcome import Rejection, Run, Status
from tests.lab import Company, Lab, found
from tests.lab.company import currency
from tests.lab.reach import Json
from tests.scenarios.trade import account

COMPANY = Company("czmf", "ORG001", "Moravská obchodní", "EUR")
OTHER = Company("semf", "ORG002", "Östersjöns Handel", "EUR")
PROJECT = "accounts-direct"
GOOD = 1_000
OVERDRAWN = [f"BAD-{number}" for number in range(4)]
FOREIGN = [f"BAD-{number}" for number in range(4, 7)]


@pytest.fixture(scope="module")
def founded(lab: Lab) -> Lab:
    """Two companies, and a currency that only Sales knows."""
    found(lab, COMPANY, OTHER)
    unknown: Json = {"isocurrencycode": "XTS", "currencyname": "XTS", "currencysymbol": "XTS", "exchangerate": 2}
    lab.load("sales", "transactioncurrencies", [unknown], key=("isocurrencycode",))
    return lab


@pytest.fixture(scope="module")
def loaded(founded: Lab) -> Run:
    """The first run over 1,000 good accounts with seven bad ones among them."""
    good = [account(COMPANY, f"GOOD-{number:04}") for number in range(GOOD)]
    bad = [
        *(account(COMPANY, number, creditlimit=-1) for number in OVERDRAWN),
        *(account(COMPANY, number, **{"transactioncurrencyid@odata.bind": currency("XTS")}) for number in FOREIGN),
    ]
    founded.load("sales", "accounts", [*good[:300], *bad[:3], *good[300:], *bad[3:]])
    return founded.run(PROJECT)


@pytest.fixture(scope="module")
def rejected(founded: Lab, loaded: Run) -> Mapping[str, Rejection]:
    """The rejections by account number."""
    return {rejection.key: rejection for rejection in founded.rejected(PROJECT)}


def packages(lab: Lab) -> list[tuple[object, object, object]]:
    """What data management says of each package: state, rows created, rows updated."""
    names = ("TargetStatus", "TargetRecordsCreatedCount", "TargetRecordsUpdatedCount")
    jobs = lab.rows("operations", "DataManagementExecutionJobDetails", "startswith(JobId,'p2c-')")
    return [tuple(job[name] for name in names) for job in jobs]  # type: ignore[misc]


def test_a_thousand_good_rows_arrive_by_package_and_seven_bad_ones_are_rejected(
    founded: Lab, loaded: Run, rejected: Mapping[str, Rejection]
) -> None:
    customers = {row["CustomerAccount"] for row in founded.rows("operations", "CustomersV2", select="CustomerAccount")}

    assert customers == {f"GOOD-{number:04}" for number in range(GOOD)}
    assert packages(founded) == [("Error", GOOD, 0)]
    (leg,) = loaded.legs
    assert (leg.counts.read, leg.counts.created, leg.counts.rejected) == (1_007, 1_000, 7)
    assert loaded.status is Status.WARNING
    assert set(rejected) == {*OVERDRAWN, *FOREIGN}


def test_rejected_rows_of_a_package_say_why_as_those_of_a_batch_do(
    founded: Lab, rejected: Mapping[str, Rejection]
) -> None:
    for number in OVERDRAWN:
        rejection = rejected[number]
        assert (rejection.code, rejection.field) == ("DESTINATION-REFUSED", "creditlimit")
        assert "CreditLimit -1" in rejection.reason
        assert "Write failed for table row of type 'CustomerV2'" in rejection.reason
    for number in FOREIGN:
        assert "'XTS'" in rejected[number].reason
        assert rejected[number].way_out


def test_mended_rows_are_delivered_by_the_next_run(founded: Lab, rejected: Mapping[str, Rejection]) -> None:
    founded.load("sales", "accounts", [account(COMPANY, number, creditlimit=5) for number in OVERDRAWN[:2]])
    (leg,) = founded.run(PROJECT).legs

    assert (leg.counts.created, leg.counts.rejected) == (2, 5)
    assert len(packages(founded)) == 1
