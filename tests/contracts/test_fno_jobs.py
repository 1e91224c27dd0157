"""Jobs stay honest when a process dies or ends; packages say where to stop; rights are asked before a job begins."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, text, update

from p2c.odata.packages.manifest import (
    HEADER_FILE,
    MANIFEST_FILE,
    FieldMapping,
    Manifest,
    PackageEntity,
    write_header,
    write_manifest,
)
from p2c.odata.service.access import Caller, Level, Privilege, Rights, acting
from p2c.operations.packages.data_management import DataManagement
from p2c.operations.packages.job import Step
from p2c.operations.packages.jobs import SILENT_FOR
from p2c.wiring.operations_service import open_operations
from tests.contracts.operations_site import CUSTOMER_FIELDS, GROUPS, Site, csv_file, customer, package


@pytest.fixture(scope="module")
def site(database_url: Callable[[str], str]) -> Iterator[Site]:
    """Operations, shared by the tests of the module."""
    running = Site(database_url("jobs"))
    yield running
    running.close()


def another_process(site: Site) -> DataManagement:
    """Data management over the same database, as another process has it."""
    own = site.operations
    return DataManagement(own.service.model, own.service.database, own.service.rules, own.management.tables)


def prepared(site: Site, account: str, step: Step) -> str:
    """A job of one customer that no worker knows of."""
    execution = site.import_package(package(csv_file([customer(account)])), execute=False)
    site.operations.management.jobs.move(execution, step)
    return execution


def test_a_job_whose_process_died_is_told_as_failed(site: Site) -> None:
    """It has been silent for longer than any batch takes; its entity says that it was cut off."""
    execution = prepared(site, "D-1", Step.QUEUED)
    jobs = site.operations.management.jobs
    assert jobs.claim(execution) is not None
    assert site.status(execution) == "Executing"
    table = site.operations.management.tables.job
    with site.operations.service.database.engine.begin() as connection:
        long_ago = table.c.heartbeat - SILENT_FOR - timedelta(seconds=1)
        connection.execute(update(table).where(table.c.id == execution).values(heartbeat=long_ago))
    assert site.status(execution) == "Failed"
    assert "run it again" in site.errors(execution)[0]["ErrorMessage"]
    assert site.counts(execution)["TargetStatus"] == "NotRun"


@contextmanager
def away(engine: Engine) -> Iterator[None]:
    """The database lets nobody in."""
    name = engine.url.database
    admin = create_engine(engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'))
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :n"), {"n": name}
        )
        try:
            yield
        finally:
            connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'))
    admin.dispose()


def test_a_job_whose_database_is_away_is_carried_out_when_it_is_back(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    execution = prepared(site, "D-41", Step.QUEUED)
    management = another_process(site)
    with away(site.operations.service.database.engine):
        management.worker.submit(execution)
        while "is asked again" not in caplog.text:
            pass
    management.worker.settle()
    assert site.status(execution) == "Succeeded"
    management.stop()


def test_a_job_that_the_database_left_ends_when_it_is_back(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever waits for it is told, and need not wait until it has been silent for long enough."""
    execution = prepared(site, "D-51", Step.QUEUED)
    management = another_process(site)
    claimed = management.jobs.claim(execution)
    assert claimed is not None
    with away(site.operations.service.database.engine):
        running = Thread(target=management.worker.run, args=(claimed,))
        running.start()
        while "is asked again" not in caplog.text:
            pass
    running.join()
    assert site.status(execution) == "Failed"
    management.stop()


def test_a_waiting_job_is_taken_up_by_the_next_process_and_by_one_only(site: Site) -> None:
    execution = prepared(site, "D-2", Step.QUEUED)
    management = another_process(site)
    management.start()
    management.worker.settle()
    assert site.status(execution) == "Succeeded"
    assert site.operations.management.jobs.claim(execution) is None
    management.stop()


def test_a_job_that_is_told_to_stop_says_so(site: Site) -> None:
    execution = prepared(site, "D-3", Step.QUEUED)
    management = another_process(site)
    management.stopping.set()
    job = management.jobs.claim(execution)
    assert job is not None
    management.worker.run(job)
    assert site.status(execution) == "Failed"
    assert "stopped while the job ran" in site.errors(execution)[0]["ErrorMessage"]


def test_a_service_that_is_taken_away_and_brought_back_takes_up_what_waits(site: Site) -> None:
    management = another_process(site)
    management.start()
    for account in ("D-6", "D-7"):
        execution = prepared(site, account, Step.QUEUED)
        management.resume()
        management.worker.settle()
        assert site.status(execution) == "Succeeded"
        management.stop()


def test_a_staged_job_goes_on_where_it_was(site: Site) -> None:
    """Rows that are staged are not read again: the package may be gone by then."""
    execution = prepared(site, "D-4", Step.QUEUED)
    management = another_process(site)
    job = management.jobs.claim(execution)
    assert job is not None
    management.importer.stage(job)
    management.start()
    management.worker.settle()
    assert (site.status(execution), site.counts(execution)["StagingRecords"]) == ("Succeeded", 1)
    management.stop()


def test_an_environment_that_is_opened_again_has_its_jobs_and_lists_its_entities_once(site: Site) -> None:
    before = site.send("GET", "/data/DataManagementEntities/$count").body
    execution = prepared(site, "D-5", Step.QUEUED)
    again = open_operations(site.url)
    again.management.worker.settle()
    again.management.stop()
    again.service.database.engine.dispose()
    assert site.status(execution) == "Succeeded"
    assert site.send("GET", "/data/DataManagementEntities/$count").body == before


def test_imports_into_one_project_at_the_same_time_all_arrive(site: Site) -> None:
    """Each of them makes the project, and each has a row that the others have too."""
    orders = [
        site.order(package(csv_file([customer(f"W-{number}"), customer("W-all")])), definitionGroupId="At once")
        for number in range(6)
    ]
    with ThreadPoolExecutor(6) as pool:
        executions = list(pool.map(lambda order: site.act("ImportFromPackage", **order), orders))
    site.settle()
    assert [site.status(execution) for execution in executions] == ["Succeeded"] * 6
    assert len(site.customers("$filter=startswith(CustomerAccount,'W-')")) == 7


@pytest.mark.parametrize(("flag", "runs"), [("level", "Finished"), ("unit", "NotRun")])
def test_errors_stop_what_the_package_says(site: Site, flag: str, runs: str) -> None:
    """A level's errors stop later levels of the unit; other units go on. A unit's errors stop the whole unit."""
    mapping = (FieldMapping("CUSTOMERGROUPID", "CUSTOMERGROUPID"),)
    groups = PackageEntity(
        name="Customer groups",
        file="groups.csv",
        source_format="CSV",
        fields=mapping,
        fail_level=flag == "level",
        fail_unit=flag == "unit",
    )
    beside = PackageEntity(name="Warehouses", file="groups.csv", source_format="CSV", level=1, sequence=2)
    later = PackageEntity(
        name="Customers V2",
        file="customers.csv",
        source_format="CSV",
        fields=tuple(FieldMapping(field, field) for field in CUSTOMER_FIELDS),
        level=2,
    )
    other = PackageEntity(name="Units", file="groups.csv", source_format="CSV", unit=2)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(HEADER_FILE, write_header("Stop"))
        archive.writestr(MANIFEST_FILE, write_manifest(Manifest("Stop", "", (groups, beside, later, other))))
        archive.writestr("groups.csv", b"CUSTOMERGROUPID\r\n\r\nfar too long for a group\r\n")
        archive.writestr("customers.csv", csv_file([customer(f"L-{uuid4()}"[:20])]))
    execution = site.import_package(target.getvalue())
    url = f"/data/DataManagementExecutionJobDetails?$filter=JobId%20eq%20'{execution}'"
    states = {row["EntityName"]: row["TargetStatus"] for row in site.send("GET", url).json["value"]}
    assert states["Customers V2"] == "NotRun"
    assert states["Warehouses"] == runs
    assert states["Units"] == "Finished"
    assert site.status(execution) == "Failed"


def test_a_row_that_only_the_machine_refuses_leaves_the_others_alone(site: Site) -> None:
    rows = [customer("X-1"), customer("X-2", CREDITLIMIT="1e27"), customer("X-3")]
    execution = site.import_package(package(csv_file(rows)))
    assert [item["RecordId"] for item in site.errors(execution)] == ["CustomerAccount='X-2'"]
    assert site.counts(execution)["TargetRecords"] == 2


def someone(*rights: tuple[str, Privilege]) -> Caller:
    """A caller with these rights."""
    return Caller(uuid4(), "someone", Rights(dict.fromkeys(rights, Level.ORGANIZATION)))


def test_an_import_needs_the_rights_that_its_writes_need(site: Site) -> None:
    """Behind, nobody asks any more, so the question comes before the job."""
    order = site.order(package(csv_file([customer("R-1")])))
    projects = [("data_project", privilege) for privilege in Privilege]
    with acting(someone(*projects, ("customer", Privilege.READ), ("legal_entity", Privilege.READ))):
        refused = site.send("POST", f"{GROUPS}.ImportFromPackageAsync", order)
    assert (refused.status, "prvCreateCustomerV2" in refused.body.decode()) == (403, True)
    with acting(someone(("customer", Privilege.CREATE), ("customer", Privilege.WRITE))):
        assert site.send("POST", f"{GROUPS}.ImportFromPackageAsync", order).status == 403
    with acting(someone(*projects, ("customer", Privilege.CREATE), ("customer", Privilege.WRITE))):
        assert site.send("POST", f"{GROUPS}.ImportFromPackageAsync", order).status == 200
    site.settle()


def test_an_export_needs_the_right_to_read(site: Site) -> None:
    site.export_project("Guarded", "Customers V2")
    asked = {"definitionGroupId": "Guarded", "packageName": "", "executionId": "", "reExecute": False}
    with acting(someone(("data_project", Privilege.READ))):
        assert site.send("POST", f"{GROUPS}.ExportToPackageAsync", {**asked, "legalEntityId": "cz"}).status == 403
