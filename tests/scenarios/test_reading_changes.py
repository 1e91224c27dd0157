"""Sources in Operations: by incremental exports where there are projects for them, else whole; nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import quote

import msgspec
import pytest

from p2c.edm.values import Row
from p2c.integrator.outcome import LegRun
from p2c.integrator.probe import probe
from p2c.odata.client.data_management.exporter import KEPT, ExportCheckpoint, export_project
from p2c.odata.client.environment import CheckpointExpiredError
from p2c.odata.client.fno import FnoEnvironment
from p2c.odata.client.http import HttpEnvironment
from tests.lab import Company, Lab, found
from tests.scenarios.trade import release

ONE = Company("czmf", "ORG001", "Moravská obchodní", "EUR")
TWO = Company("semf", "ORG002", "Östersjöns Handel", "EUR")
PROJECT = "products-direct"
LABEL = "Sellable released products"
GROUPS = "DataManagementDefinitionGroups"


@pytest.fixture(scope="module")
def traded(lab: Lab) -> Lab:
    """Two companies with five products each, whose changes an administrator has made export projects for."""
    found(lab, ONE, TWO)
    for company in (ONE, TWO):
        for number in range(5):
            release(lab, company, f"{company.legal_entity}-{number}", "10.00")
        make_project(lab, company.legal_entity)
    return lab


@pytest.fixture
def settled(traded: Lab) -> Lab:
    """Everything that has changed so far has been read."""
    traded.run(PROJECT)
    return traded


def make_project(lab: Lab, company: str, refresh: str = "IncrementalPush") -> None:
    """An export project as `docs/how-to/real-environments.md` says, over the public API."""
    name = export_project(LABEL, company)
    lab.load("operations", GROUPS, [{"Name": name, "OperationType": "Export"}])
    detail = {"DefinitionGroupId": name, "EntityName": LABEL, "SourceFormat": "CSV", "DefaultRefreshType": refresh}
    lab.load("operations", "DataManagementDefinitionGroupDetails", [detail])


def leg(lab: Lab) -> LegRun:
    """The one leg of a run."""
    (only,) = lab.run(PROJECT).legs
    return only


def client_rows(lab: Lab, since: str | None) -> tuple[list[Row], str]:
    """What a reader with a checkpoint of its own reads, and its next checkpoint."""

    async def work() -> tuple[list[Row], str]:
        environment = FnoEnvironment(HttpEnvironment(lab.urls["operations"], name="operations"))
        try:
            await environment.connect()
            entity = environment.model.entity_set["SellableReleasedProducts"]
            pages = [page async for page in environment.changes(entity, ("ProductName", "SalesPrice"), since)]
            return [row for page in pages for row in page.rows], pages[-1].delta_link or ""
        finally:
            await environment.close()

    return lab.wait(work())


def numbers(rows: Sequence[Row]) -> list[str]:
    """The products, in order."""
    return sorted(str(row["ProductNumber"]) for row in rows)


def products(lab: Lab) -> int:
    """How many products there are."""
    return len(lab.rows("operations", "SellableReleasedProducts", select="ProductNumber"))


def rename(lab: Lab, number: str, name: str) -> None:
    """Give a product another name: it stands in the shared product, not in the released one."""
    lab.load("operations", "ProductsV2", [{"ProductNumber": number, "ProductName": name}])


def price(lab: Lab, company: Company, number: str, price: str) -> None:
    """Give a released product another price."""
    row = {"dataAreaId": company.legal_entity, "ItemNumber": number, "SalesPrice": Decimal(price)}
    lab.load("operations", "ReleasedProductsV2", [row])


def test_only_what_changed_is_read_also_where_it_stands_in_another_table(settled: Lab) -> None:
    first = leg(settled)
    rename(settled, "czmf-1", "Šroub")
    price(settled, TWO, "semf-2", "12.50")
    second = leg(settled)
    third = leg(settled)

    assert [item.counts.read for item in (first, second, third)] == [0, 2, 0]
    assert second.counts.updated == 2
    names = {row["productnumber"]: row["name"] for row in settled.rows("sales", "products")}
    assert names["czmf-1"] == "Šroub"


def test_values_of_an_export_are_those_of_an_ordinary_read(settled: Lab) -> None:
    """A row that was touched and is the same costs no write."""
    rename(settled, "czmf-3", "Product czmf-3 ")
    rename(settled, "czmf-3", "Product czmf-3")
    found = leg(settled)

    assert (found.counts.read, found.counts.unchanged, found.writes) == (1, 1, 0)


def test_an_export_whose_reader_died_is_read_by_the_next_run(settled: Lab) -> None:
    """The project's token has moved on; the number of the execution says that there is something to fetch."""
    price(settled, ONE, "czmf-4", "11.00")
    project = export_project(LABEL, ONE.legal_entity)
    jobs = settled.rows("operations", "DataManagementExecutionJobDetails", f"DefinitionGroupId eq '{project}'")
    last = max(int(str(job["JobId"]).rpartition("-")[2]) for job in jobs)
    action = f"{GROUPS}/Microsoft.Dynamics.DataEntities.ExportToPackageAsync"
    order = {
        "definitionGroupId": project,
        "packageName": "",
        "executionId": f"{project}-{last + 1}",
        "reExecute": False,
        "legalEntityId": ONE.legal_entity,
    }
    assert settled.send("operations", "POST", action, order).status == 200
    price(settled, ONE, "czmf-0", "12.00")
    found = leg(settled)

    assert (found.counts.read, found.counts.updated) == (2, 2)


def test_readers_of_the_same_projects_take_nothing_from_one_another(settled: Lab) -> None:
    _, mine = client_rows(settled, None)
    _, yours = client_rows(settled, None)
    price(settled, ONE, "czmf-0", "20.00")
    first, mine = client_rows(settled, mine)
    price(settled, ONE, "czmf-0", "21.00")
    price(settled, ONE, "czmf-1", "21.00")
    second, mine = client_rows(settled, mine)
    both, yours = client_rows(settled, yours)

    assert [numbers(first), numbers(second)] == [["czmf-0"], ["czmf-0", "czmf-1"]]
    assert numbers(both) == ["czmf-0", "czmf-1"]
    assert {row["SalesPrice"] for row in both} == {Decimal(21)}
    assert client_rows(settled, mine)[0] == client_rows(settled, yours)[0] == []
    assert leg(settled).counts.read == 2


def test_deleted_rows_are_found_by_counting(settled: Lab) -> None:
    """Exports tell no deletions: fewer rows than were met mean that everything is read."""
    there = products(settled)
    path = "ReleasedProductsV2(dataAreaId='czmf',ItemNumber='czmf-2')?cross-company=true"
    assert settled.send("operations", "DELETE", path).status == 204
    found = leg(settled)
    after = leg(settled)

    assert (found.counts.read, found.counts.deleted, found.counts.updated) == (there - 1, 1, 0)
    assert (after.counts.read, after.counts.deleted) == (0, 0)


def test_a_checkpoint_that_is_older_than_packages_live_is_expired(settled: Lab) -> None:
    _, checkpoint = client_rows(settled, None)
    before = msgspec.json.decode(checkpoint, type=ExportCheckpoint)
    old = ExportCheckpoint(datetime.now(UTC) - KEPT - timedelta(minutes=1), before.last)
    gone = ExportCheckpoint(before.at, {name: 0 for name in before.last if "semf" not in name})

    for expired in (msgspec.json.encode(old).decode(), msgspec.json.encode(gone).decode(), "2024-01-01T00:00:00Z"):
        with pytest.raises(CheckpointExpiredError):
            client_rows(settled, expired)


def test_what_the_environment_refuses_to_export_is_read_whole(settled: Lab) -> None:
    """A project that goes after it was found; the reader is told, and next time reads everything too."""
    _, checkpoint = client_rows(settled, None)
    client = settled.client("operations")
    entity = client.model.entity_set["SellableReleasedProducts"]
    assert settled.wait(client.tracking(entity)).continues
    project = quote(f"{GROUPS}('{export_project(LABEL, TWO.legal_entity)}')")
    assert settled.send("operations", "DELETE", project).status == 204

    async def read(since: str | None) -> tuple[int, str | None]:
        pages = [page async for page in client.changes(entity, ("ProductName",), since)]
        return sum(len(page.rows) for page in pages), pages[-1].delta_link

    with pytest.raises(CheckpointExpiredError):
        settled.wait(read(checkpoint))
    assert settled.wait(read(None)) == (products(settled), "")
    assert not settled.wait(client.tracking(entity)).continues
    make_project(settled, TWO.legal_entity)


def test_a_run_whose_checkpoint_has_expired_reads_everything(settled: Lab) -> None:
    """Another company begins to trade and gets its project: there is no number to go on from in it."""
    three = Company("plmf", "ORG003", "Handel Polska", "EUR")
    found(settled, ONE, TWO, three)
    release(settled, three, "plmf-0", "10.00")
    there = products(settled)
    whole = leg(settled)
    make_project(settled, three.legal_entity)
    expired = leg(settled)
    after = leg(settled)

    assert [item.counts.read for item in (whole, expired, after)] == [there, there, 0]


def test_a_rejected_row_is_tried_again_though_it_did_not_change(settled: Lab) -> None:
    """It is asked for by its key, of which the company is a part."""
    settled.load("operations", "UnitsOfMeasure", [{"UnitSymbol": "crate", "UnitClass": "Quantity"}])
    release(settled, ONE, "P-UNIT", "10.00", SalesUnitSymbol="crate", InventoryUnitSymbol="crate")
    first, second = leg(settled), leg(settled)

    assert [(item.counts.read, item.counts.rejected) for item in (first, second)] == [(1, 1), (1, 1)]
    assert [item.key for item in settled.rejected(PROJECT)] == ["P-UNIT"]


def test_a_connection_says_for_each_entity_how_it_is_read_and_written(traded: Lab) -> None:
    def readings() -> dict[str, str]:
        told = traded.wait(probe(traded.store, "operations", None))
        return {finding.entity_set: finding.reading for finding in told.findings}

    assert readings()["SellableReleasedProducts"].startswith("incremental exports")
    written = {item.entity_set: item.writing for item in traded.wait(probe(traded.store, "operations", None)).findings}
    assert written["CustomersV2"] == "data packages from 1,000 rows on, batches of 500 rows below"
    assert written["SellableReleasedProducts"] == ""
    project = export_project(LABEL, TWO.legal_entity)
    assert traded.send("operations", "DELETE", quote(f"{GROUPS}('{project}')")).status == 204
    assert readings()["SellableReleasedProducts"] == (
        f"whole, compared with what was delivered: there is no incremental export project {project!r}, "
        "and the company has rows"
    )
