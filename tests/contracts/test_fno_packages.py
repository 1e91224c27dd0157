"""The data management package REST API: imports, their errors, and what a bad package meets."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator

import msgspec
import pytest

from p2c.odata.packages.manifest import (
    HEADER_FILE,
    MANIFEST_FILE,
    FieldMapping,
    Manifest,
    PackageEntity,
    write_header,
    write_manifest,
)
from tests.contracts.operations_site import (
    ACTION,
    CUSTOMER_FIELDS,
    GROUPS,
    Site,
    csv_file,
    customer,
    package,
)


@pytest.fixture(scope="module")
def site(database_url: Callable[[str], str]) -> Iterator[Site]:
    """Operations, shared by the tests of the module."""
    running = Site(database_url("packages"))
    yield running
    running.close()


BAD = (
    customer("BAD-1", CREDITLIMIT="much"),
    customer("BAD-2", CUSTOMERGROUPID="nowhere"),
    customer("BAD-3", SALESCURRENCYCODE="XXX"),
    customer("BAD-4", PARTYTYPE="Club"),
    customer("BAD-5", ORGANIZATIONNAME=""),
    customer("BAD-6", CREDITLIMIT="-1"),
    customer("BAD-7", ORGANIZATIONNAME="x" * 101),
)


def test_a_thousand_good_rows_arrive_and_seven_bad_ones_come_back_with_their_errors(site: Site) -> None:
    """Good rows do not suffer from bad ones beside them, and each bad one says why."""
    good = [customer(f"C-{number:04}") for number in range(1000)]
    rows = [*good[:300], *BAD[:4], *good[300:], *BAD[4:]]
    execution = site.import_package(package(csv_file(rows)))
    assert site.status(execution) == "PartiallySucceeded"
    assert site.send("GET", "/data/CustomersV2/$count?$filter=startswith(CustomerAccount,'C-')").body == b"1000"
    assert site.customers("$filter=startswith(CustomerAccount,'BAD')") == []
    errors = {item["RecordId"]: item for item in site.errors(execution)}
    assert set(errors) == {f"CustomerAccount='BAD-{number}'" for number in range(1, 8)}
    assert errors["CustomerAccount='BAD-1'"]["Field"] == "CreditLimit"
    assert "'nowhere'" in errors["CustomerAccount='BAD-2'"]["ErrorMessage"]
    counts = site.counts(execution)
    assert (counts["StagingRecords"], counts["StagingErrorCount"]) == (1007, 2)
    assert (counts["TargetRecords"], counts["TargetErrorCount"]) == (1000, 5)
    assert (counts["StagingStatus"], counts["TargetStatus"]) == ("Error", "Error")


def test_refused_rows_can_be_fetched_as_files(site: Site) -> None:
    """Keys of what the target refused, whole rows of what could not be read."""
    execution = site.import_package(package(csv_file([customer("F-1"), *BAD[:2]])))
    asked = {"executionId": execution, "entityName": "Customers V2"}
    assert site.act("GetImportTargetErrorKeysFileUrl", **asked) == ""
    assert site.act("GenerateImportTargetErrorKeysFile", **asked) is True
    keys = site.send("GET", site.act("GetImportTargetErrorKeysFileUrl", **asked))
    assert keys.body.decode() == "DATAAREAID,CUSTOMERACCOUNT\r\n,BAD-2\r\n"
    staged = site.send("GET", site.act("GetImportStagingErrorFileUrl", **asked)).body
    assert staged == csv_file([BAD[0]])
    fine = site.import_package(package(csv_file([customer("F-2")])))
    asked["executionId"] = fine
    assert site.act("GenerateImportTargetErrorKeysFile", **asked) is False
    assert site.act("GetImportStagingErrorFileUrl", **asked) == ""


def test_a_row_that_exists_is_updated_and_a_row_that_comes_twice_ends_as_its_last(site: Site) -> None:
    rows = [customer("U-1", CREDITLIMIT="1"), customer("U-2"), customer("U-1", CREDITLIMIT="7")]
    execution = site.import_package(package(csv_file(rows)))
    assert site.status(execution) == "Succeeded"
    again = site.import_package(package(csv_file([customer("U-2", CREDITLIMIT="9")])))
    url = f"/data/DataManagementExecutionJobDetails?$filter=JobId%20eq%20'{again}'"
    row = site.send("GET", url).json["value"][0]
    assert (row["TargetRecordsCreatedCount"], row["TargetRecordsUpdatedCount"]) == (0, 1)
    stored = site.customers("$filter=startswith(CustomerAccount,'U-')")
    assert {row["CustomerAccount"]: row["CreditLimit"] for row in stored} == {"U-1": 7, "U-2": 9}


ROW = customer("Ž-1")
ELEMENTS = "".join(f"<{name}>{value}</{name}>" for name, value in ROW.items())
ATTRIBUTES = " ".join(f'{name}="{value}"' for name, value in ROW.items())


@pytest.mark.parametrize(
    ("source_format", "content"),
    [
        ("CSV", csv_file([ROW])),
        ("CSV", csv_file([ROW], encoding="utf-8-sig")),
        ("CSV-Unicode", csv_file([ROW], encoding="utf-16")),
        ("XML-Element", f"<Document><A>{ELEMENTS}</A></Document>".encode()),
        ("XML-Element", f"<?xml version='1.0' encoding='utf-16'?><D><A>{ELEMENTS}</A></D>".encode("utf-16")),
        ("XML-Attribute", f"<Document><A {ATTRIBUTES}/></Document>".encode("utf-16")),
    ],
)
def test_every_format_brings_the_same_row(site: Site, source_format: str, content: bytes) -> None:
    execution = site.import_package(package(content, source_format=source_format))
    assert (site.status(execution), site.errors(execution)) == ("Succeeded", [])
    assert site.customers("$filter=CustomerAccount eq 'Ž-1'")[0]["CreditLimit"] == 100.5


def test_the_manifest_may_be_utf_8_with_booleans_in_words(site: Site) -> None:
    def plain(manifest: bytes) -> bytes:
        text = manifest.decode("utf-16").replace(">No<", ">false<").replace('encoding="utf-16"', 'encoding="utf-8"')
        return text.encode()

    execution = site.import_package(package(csv_file([customer("M-1")]), change=plain))
    assert site.status(execution) == "Succeeded"


def test_the_synchronous_form_answers_when_the_rows_are_staged(site: Site) -> None:
    answer = site.act("ImportFromPackage", **site.order(package(csv_file([customer("S-1")]))))
    assert site.counts(answer)["StagingRecords"] == 1
    site.settle()
    assert site.status(answer) == "Succeeded"


def test_without_execute_the_project_is_made_and_nothing_runs(site: Site) -> None:
    execution = site.import_package(package(csv_file([customer("N-1")])), execute=False, definitionGroupId="Prepared")
    assert site.status(execution) == "NotRun"
    assert site.customers("$filter=CustomerAccount eq 'N-1'") == []
    project = site.send("GET", "/data/DataManagementDefinitionGroups('Prepared')").json
    assert project["OperationType"] == "Import"
    details = site.send("GET", "/data/DataManagementDefinitionGroupDetails?$filter=DefinitionGroupId%20eq%20'Prepared'")
    assert details.json["value"][0]["EntityName"] == "Customers V2"


def test_a_package_that_maps_nothing_brings_nothing(site: Site) -> None:
    """The real service succeeds with no rows too: the mapping must be written out."""
    execution = site.import_package(package(csv_file([customer("Z-1")]), fields=()))
    assert (site.status(execution), site.counts(execution)["StagingRecords"]) == ("Succeeded", 0)


def test_a_file_that_is_not_of_its_format_fails_its_entity(site: Site) -> None:
    execution = site.import_package(package(csv_file([customer("Z-2")]), source_format="CSV-Unicode"))
    assert site.status(execution) == "Failed"
    assert "not Unicode" in site.errors(execution)[0]["ErrorMessage"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"no zip", "no zip file"),
        (package(b"", entity="CustomersV2"), "Entity CustomersV2 does not exist in the target environment"),
        (package(b"", source_format="EXCEL"), "'EXCEL' is not set up"),
        (package(b"", fields=("NOTHING",)), "the mapping is incorrect for entity Customers V2 and field NOTHING"),
        (package(b"", entity="Sellable released products", fields=()), "export only"),
        (package(b"", change=lambda manifest: b"<!DOCTYPE a><a/>"), "document types are not accepted"),
        (package(b"", change=lambda manifest: manifest[:200]), "no readable XML"),
        (package(b"0" * (64 * 1024 * 1024)), "packed more than"),
    ],
)
def test_a_package_that_cannot_be_worked_with_is_refused_at_once(site: Site, bad: bytes, reason: str) -> None:
    answer = site.send("POST", f"{GROUPS}.ImportFromPackageAsync", site.order(bad))
    assert answer.status == 400
    assert reason in answer.json["error"]["innererror"]["message"]


def test_only_blobs_of_ours_are_read_and_only_with_their_address(site: Site) -> None:
    """A package address is never followed elsewhere, and an address cannot be made up or outlive its rights."""
    order = site.order(package(csv_file([customer("Z-3")])))
    address = str(order["packageUrl"])
    elsewhere = "http://example.com/package.zip"
    for url in (elsewhere, address.replace("sig=", "sig=x"), address.replace("sp=rcw", "sp=rcwd")):
        answer = site.send("POST", f"{GROUPS}.ImportFromPackage", {**order, "packageUrl": url})
        assert answer.status == 400
    assert site.send("GET", address.partition("?")[0]).status == 403
    assert site.send("PUT", address, b"x").status == 400
    execution = site.import_package(package(csv_file([customer("Z-4")])))
    assert site.act("GetExportedPackageUrl", executionId=execution) == ""


def test_a_missing_execution_parameter_or_action_is_named(site: Site) -> None:
    missing = site.send("POST", f"{GROUPS}.GetExecutionSummaryStatus", {"executionId": "none"})
    assert (missing.status, "not found" in missing.body.decode()) == (400, True)
    wrong = site.send("POST", f"{GROUPS}.GetExecutionSummaryStatus", {"ExecutionId": "none"})
    assert "did you mean 'executionId'?" in wrong.json["error"]["innererror"]["message"]
    unknown = site.send("POST", f"{GROUPS}.GetNothing", {})
    assert (unknown.status, set(unknown.json)) == (404, {"Message"})
    assert site.send("GET", f"{GROUPS}.GetExecutionErrors").status == 405


def test_an_unknown_company_and_a_taken_execution_id_are_refused(site: Site) -> None:
    order = site.order(package(csv_file([customer("Z-5")])), executionId="mine")
    assert site.act("ImportFromPackageAsync", **order) == "mine"
    assert site.send("POST", f"{GROUPS}.ImportFromPackageAsync", order).status == 400
    changed = {**order, "executionId": "", "legalEntityId": "xx"}
    elsewhere = site.send("POST", f"{GROUPS}.ImportFromPackageAsync", changed)
    assert "'xx' does not exist" in elsewhere.json["error"]["innererror"]["message"]
    site.settle()


def test_a_job_can_be_forgotten(site: Site) -> None:
    execution = site.import_package(package(csv_file([customer("Z-6")])))
    assert site.send("POST", f"{GROUPS}.DeleteExecutionHistoryJob", {"executionId": execution}).status == 204
    assert site.send("POST", f"{GROUPS}.GetExecutionErrors", {"executionId": execution}).status == 400


def test_the_page_of_a_job_shows_its_entities(site: Site) -> None:
    execution = site.import_package(package(csv_file([customer("Z-7")])))
    url = site.act("GetExecutionSummaryPageUrl", executionId=execution)
    assert [row["EntityName"] for row in site.send("GET", url).json["value"]] == ["Customers V2"]


def test_a_package_with_several_entities_is_imported_in_its_order(site: Site) -> None:
    """The group comes before the customer that needs it, whatever the order of the manifest."""
    groups = PackageEntity(
        name="Customer groups",
        file="groups.csv",
        source_format="CSV",
        fields=(FieldMapping("Code", "CUSTOMERGROUPID"),),
        level=1,
    )
    customers = PackageEntity(
        name="Customers V2",
        file="customers.csv",
        source_format="CSV",
        fields=tuple(FieldMapping(field, field) for field in CUSTOMER_FIELDS),
        level=2,
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(HEADER_FILE, write_header("Both"))
        archive.writestr(MANIFEST_FILE, write_manifest(Manifest("Both", "", (customers, groups))))
        archive.writestr("groups.csv", b"code\r\nNEW\r\n")
        archive.writestr("customers.csv", csv_file([customer("O-1", CUSTOMERGROUPID="NEW")]))
    execution = site.import_package(target.getvalue(), definitionGroupId="")
    assert (site.status(execution), site.errors(execution)) == ("Succeeded", [])


def test_versions_and_keys_are_told_to_those_who_probe(site: Site) -> None:
    entities = f"/data/DataManagementEntities/{ACTION}"
    for name in ("GetApplicationVersion", "GetPlatformBuildVersion", "GetApplicationBuildVersion"):
        answer = site.send("POST", f"{entities}.{name}", {})
        assert (answer.status, answer.json["value"].startswith("10.")) == (200, True)
        assert answer.json["@odata.context"].endswith("#Edm.String")
    for name in ("CustomersV2", "CustomerV2", "Customers V2"):
        keys = site.send("POST", f"{entities}.GetKeys", {"entityName": name}).json["value"]
        assert keys == "dataAreaId,CustomerAccount", name
    assert site.send("POST", f"{entities}.GetKeys", {"entityName": "Nothing"}).status == 400
    sequence = site.act("GetEntitySequence", listOfDataEntities="Customers V2,Customer groups")
    assert [item["EntityName"] for item in msgspec.json.decode(sequence)] == ["Customer groups", "Customers V2"]
    assert site.send("POST", f"{GROUPS}.InitializeDataManagement", {}).status == 204
    listed = site.send("GET", "/data/DataManagementEntities?$select=EntityName").json["value"]
    assert {"EntityName": "Customers V2"} in [{"EntityName": row["EntityName"]} for row in listed]
