"""The connector's packages against Operations: what arrives is what batches would have brought."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal

import aiohttp
import pytest

from p2c.errors import StopError
from p2c.odata.batch import Part
from p2c.odata.client.data_management import pace
from p2c.odata.client.data_management.bulk import LARGEST, SMALLEST
from p2c.odata.client.environment import BATCH, Upsert, WriteResult, Written
from p2c.odata.client.fno import FnoEnvironment
from p2c.odata.client.http import Answer, HttpEnvironment
from p2c.operations.model import MODEL
from tests.lab import Company, Lab, found
from tests.lab.reach import Json

ONE = Company("czmf", "ORG001", "Moravská obchodní", "EUR")
TWO = Company("semf", "ORG002", "Östersjöns Handel", "EUR")
OWN = {"@odata.etag", "RecId", "dataAreaId"}
"""Columns that differ between two companies with the same rows."""


@pytest.fixture(scope="module")
def founded(lab: Lab) -> Lab:
    """Two companies in the same currency."""
    found(lab, ONE, TWO)
    return lab


class CutConnection(HttpEnvironment):
    """Loses the first answer to each action named, after the service has done what was asked."""

    def __init__(self, url: str, *actions: str) -> None:
        super().__init__(url, name="operations")
        self.to_lose = set(actions)

    async def _exchange(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str] | None,
        authorization: Mapping[str, str],
    ) -> Answer:
        answer = await super()._exchange(method, url, body, headers, authorization)
        action = url.partition("?")[0].rpartition(".")[2]
        if action in self.to_lose:
            self.to_lose.remove(action)
            raise aiohttp.ServerDisconnectedError
        return answer


@asynccontextmanager
async def connected(http: HttpEnvironment) -> AsyncIterator[FnoEnvironment]:
    """A client over some connection."""
    environment = FnoEnvironment(http)
    try:
        await environment.connect()
        yield environment
    finally:
        await environment.close()


def customer(company: Company, number: int, **values: object) -> Upsert:
    """A customer to be; every third one leaves out what the others have."""
    row: Json = {
        "PartyType": "Organization",
        "OrganizationName": f'Žluťoučký "kůň" & <syn>, s.r.o. {number}',
        "CustomerGroupId": "10",
        "SalesCurrencyCode": company.currency,
        **({"CreditLimit": Decimal("100.50"), "SalesMemo": "řádek\r\nřádek\n\tdruhý  "} if number % 3 else {}),
        **values,
    }
    key = {"dataAreaId": company.legal_entity, "CustomerAccount": f"C-{number:05}"}
    return Upsert(key, row, {}, exists=False)  # type: ignore[arg-type]


def write(lab: Lab, rows: Sequence[Upsert], http: HttpEnvironment | None = None) -> list[WriteResult]:
    """The results of one write by a client of its own."""

    async def work() -> list[WriteResult]:
        connection = http or HttpEnvironment(lab.urls["operations"], name="operations")
        async with connected(connection) as environment:
            return await environment.upsert(environment.model.entity_set["CustomersV2"], rows)

    return lab.wait(work())


def stored(lab: Lab, company: Company, *only: str) -> dict[object, Json]:
    """Customers of a company by account, with what does not tell companies apart."""
    rows = lab.rows("operations", "CustomersV2", f"dataAreaId eq '{company.legal_entity}'")
    return {row["CustomerAccount"]: {name: row[name] for name in (only or row.keys() - OWN)} for row in rows}


def packages(lab: Lab) -> int:
    """How many packages have been imported."""
    return len(lab.rows("operations", "DataManagementExecutionJobDetails", select="JobId"))


def test_a_package_brings_what_batches_bring(founded: Lab) -> None:
    """Odd characters, line ends, amounts, and what rows leave out."""
    before = packages(founded)
    http = founded.wait(made(founded.urls["operations"]))
    results = write(founded, [customer(ONE, number) for number in range(SMALLEST)], http)
    for start in range(0, SMALLEST, BATCH):
        write(founded, [customer(TWO, number) for number in range(start, start + BATCH)])

    assert packages(founded) == before + 1
    assert [result.written for result in results] == [Written.CREATED] * SMALLEST
    assert http.traffic.writes == SMALLEST
    assert stored(founded, ONE) == stored(founded, TWO)


def test_rows_of_several_companies_go_in_a_package_each(founded: Lab) -> None:
    before = packages(founded)
    rows = [customer(company, 10_000 + number) for number in range(SMALLEST) for company in (ONE, TWO)]
    results = write(founded, rows)

    assert packages(founded) == before + 2
    assert {result.written for result in results} == {Written.CREATED}
    assert stored(founded, ONE) == stored(founded, TWO)


def test_created_and_updated_rows_are_told_apart_whatever_the_caller_believed(founded: Lab) -> None:
    """Rows that exist are known by their keys, not by what the caller or the package says."""
    known = [customer(ONE, 20_000 + number, CreditLimit=1, SalesMemo="x") for number in range(SMALLEST)]
    new = [customer(ONE, 21_000 + number) for number in range(SMALLEST)]
    write(founded, known)
    mixed = [row for pair in zip(known, new, strict=True) for row in pair]
    results = write(founded, mixed)

    assert [result.written for result in results] == [Written.UPDATED, Written.CREATED] * SMALLEST


def test_what_a_row_does_not_send_is_not_emptied_in_a_row_that_exists(founded: Lab) -> None:
    """Only what is to be cleared is cleared, also where neighbours send the column."""
    numbers = range(30_000, 30_000 + 2 * SMALLEST)
    write(founded, [customer(ONE, n, CreditLimit=7, SalesMemo="m", OrganizationNumberOfEmployees=3) for n in numbers])
    before = packages(founded)

    def change(number: int) -> Upsert:
        key = {"dataAreaId": ONE.legal_entity, "CustomerAccount": f"C-{number:05}"}
        values: Json = {"SalesMemo": None, "OrganizationNumberOfEmployees": None}
        return Upsert(key, values if number % 2 else {"NameAlias": "ALIAS"}, {}, exists=True)  # type: ignore[arg-type]

    results = write(founded, [change(number) for number in numbers])
    names = ("CreditLimit", "SalesMemo", "OrganizationNumberOfEmployees", "NameAlias")
    after = stored(founded, ONE, *names)

    assert {result.written for result in results} == {Written.UPDATED}
    assert packages(founded) == before + 2
    odd, even = after["C-30001"], after["C-30000"]
    assert (odd["CreditLimit"], odd["SalesMemo"], odd["OrganizationNumberOfEmployees"]) == (7, "", 0)
    assert (even["CreditLimit"], even["SalesMemo"], even["NameAlias"]) == (7, "m", "ALIAS")


def test_lost_answers_change_nothing(founded: Lab) -> None:
    """Each step was done, its answer lost and the request sent again: every row is there once, as created."""
    before = packages(founded)
    steps = ("GetAzureWriteUrl", "ImportFromPackageAsync", "GetExecutionSummaryStatus")
    http = founded.wait(made(founded.urls["operations"], *steps))
    results = write(founded, [customer(TWO, 40_000 + number) for number in range(SMALLEST)], http)

    assert {result.written for result in results} == {Written.CREATED}
    assert packages(founded) == before + 1
    assert http.to_lose == set()


async def made(url: str, *actions: str) -> CutConnection:
    """A connection, made inside the event loop that it belongs to."""
    return CutConnection(url, *actions)


def test_a_row_that_xml_cannot_hold_goes_by_batch_beside_the_package(founded: Lab) -> None:
    rows = [customer(TWO, 50_000 + number) for number in range(SMALLEST)]
    results = write(founded, [*rows, customer(TWO, 51_000, SalesMemo="\x07bell")])

    assert {result.written for result in results} == {Written.CREATED}
    assert stored(founded, TWO, "SalesMemo")["C-51000"] == {"SalesMemo": "\x07bell"}


def test_an_entity_that_packages_may_not_hold_is_written_by_batches(founded: Lab) -> None:
    """Data projects themselves are not enabled for data management."""
    client = founded.client("operations")
    entity = client.model.entity_set["DataManagementDefinitionGroups"]
    rows: list[Json] = [{"Name": f"Group {n}", "OperationType": "Export"} for n in range(SMALLEST)]
    upserts = [Upsert({"Name": str(row["Name"])}, {"OperationType": "Export"}, {}, exists=False) for row in rows]
    results = founded.wait(client.upsert(entity, upserts))

    assert {result.written for result in results} == {Written.CREATED}
    assert founded.wait(client.rows_a_write(entity, None)) == BATCH


@pytest.mark.parametrize(
    ("expected", "rows"), [(None, LARGEST), (SMALLEST, LARGEST), (SMALLEST - 1, BATCH), (0, BATCH)]
)
def test_many_rows_are_wanted_at_once_when_many_are_to_come(founded: Lab, expected: int | None, rows: int) -> None:
    client = founded.client("operations")
    assert founded.wait(client.rows_a_write(client.model.entity_set["CustomersV2"], expected)) == rows


def test_batches_are_wanted_where_they_are_answered_fast(founded: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "QUICK", 60)

    async def work() -> tuple[int, str]:
        async with connected(HttpEnvironment(founded.urls["operations"], name="operations")) as environment:
            entity = environment.model.entity_set["CustomersV2"]
            return await environment.rows_a_write(entity, None), await environment.writing(entity)

    rows, told = founded.wait(work())
    assert rows == BATCH
    assert told.startswith(f"batches of {BATCH} rows: they are answered so fast")


def test_where_no_batch_is_taken_packages_are_wanted() -> None:
    async def refuse(parts: Sequence[Part]) -> Sequence[Part]:
        raise StopError("$batch is switched off")

    assert asyncio.run(pace.Pace(refuse).is_quick(MODEL.entity_set["CustomersV2"])) is False


def test_a_company_that_does_not_exist_is_refused_row_by_row(founded: Lab) -> None:
    nowhere = Company("nowh", "ORG009", "Nowhere", "EUR")
    results = write(founded, [customer(nowhere, number) for number in range(SMALLEST)])

    assert {result.written for result in results} == {Written.REFUSED}
    assert all("nowh" in result.message for result in results)


def test_rows_that_packages_bring_count_as_sent(founded: Lab) -> None:
    """A run tells how many rows it sent, whichever way they went; those that a batch brings are not counted twice."""

    async def work() -> int:
        async with connected(HttpEnvironment(founded.urls["operations"], name="operations")) as environment:
            rows = [customer(TWO, 60_000 + number) for number in range(SMALLEST)]
            rows.append(customer(TWO, 70_000, CustomerGroupId="none such"))
            await environment.upsert(environment.model.entity_set["CustomersV2"], rows)
            return environment.traffic.writes

    before = packages(founded)
    sent = founded.wait(work())
    assert packages(founded) == before + 1
    assert sent == SMALLEST + 1
