"""Exports as packages: what stands in them, changes only, previews, and coming back in."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

import pytest

from tests.contracts.operations_site import (
    CUSTOMER_FIELDS,
    GROUPS,
    Site,
    csv_file,
    customer,
    package,
    texts,
)


@pytest.fixture(scope="module")
def site(database_url: Callable[[str], str]) -> Iterator[Site]:
    """Operations with three customers."""
    running = Site(database_url("exports"))
    running.import_package(package(csv_file([customer(f"E-{number}") for number in range(3)])))
    yield running
    running.close()


def rows(archive: zipfile.ZipFile, file: str = "Customers V2.csv") -> list[dict[str, str]]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(archive.read(file).decode())))


def accounts(archive: zipfile.ZipFile) -> set[str]:
    """The customers in a package."""
    return {row["CUSTOMERACCOUNT"] for row in rows(archive)}


def test_a_package_has_a_header_a_manifest_and_a_file_an_entity(site: Site) -> None:
    """Both describing files are UTF-16 with a mark, their elements in alphabetical order."""
    site.export_project("Customers out", "Customers V2", "Customer groups")
    archive = site.export("Customers out", "ExportToPackage")
    assert set(archive.namelist()) == {"PackageHeader.xml", "Manifest.xml", "Customers V2.csv", "Customer groups.csv"}
    for name in ("PackageHeader.xml", "Manifest.xml"):
        assert archive.read(name).startswith(b"\xff\xfe<\0")
    manifest = ElementTree.fromstring(archive.read("Manifest.xml"))
    assert texts(manifest, "TargetEntity") == ["CustCustomerV2Entity", "CustCustomerGroupEntity"]
    assert "CUSTOMERACCOUNT" in texts(manifest, "XMLField")
    for element in manifest.iter():
        names = [child.tag for child in element]
        assert names == sorted(names)


def test_rows_are_texts_by_field_in_upper_case_with_crlf(site: Site) -> None:
    site.export_project("Plain", "Customers V2")
    archive = site.export("Plain")
    assert archive.read("Customers V2.csv").count(b"\r\n") == 4
    assert {(row["CREDITLIMIT"], row["DATAAREAID"]) for row in rows(archive)} == {("100.5000", "cz")}


def test_the_first_incremental_export_is_full_and_the_next_has_the_changes(site: Site) -> None:
    """A token moves on with every export; after a reset everything comes again."""
    site.export_project("Changes", "Customers V2", DefaultRefreshType="IncrementalPush")
    everything = accounts(site.export("Changes"))
    assert len(everything) >= 3
    assert accounts(site.export("Changes")) == set()
    site.import_package(package(csv_file([customer("E-1", CREDITLIMIT="5"), customer("E-new")])))
    assert accounts(site.export("Changes", "ExportToPackagePreview", exportPreviewCount=1)) < {"E-1", "E-new"}
    assert accounts(site.export("Changes")) == {"E-1", "E-new"}
    asked = {"definitionGroupId": "Changes", "entityName": "Customers V2", "sourceName": ""}
    assert site.act("ResetVersionToken", **asked) is True
    assert accounts(site.export("Changes")) == everything | {"E-new"}


def test_a_delta_is_the_changes_whatever_the_projects_refresh_type(site: Site) -> None:
    site.export_project("Full", "Customers V2")
    assert accounts(site.export("Full")) == accounts(site.export("Full"))
    assert accounts(site.export("Full", "ExportToPackageDelta")) == set()


def test_only_the_entities_listed_are_exported(site: Site) -> None:
    site.export_project("Listed", "Customers V2", "Customer groups")
    archive = site.export("Listed", entityList="Customer groups")
    assert set(archive.namelist()) == {"PackageHeader.xml", "Manifest.xml", "Customer groups.csv"}


@pytest.mark.parametrize("source_format", ["CSV", "CSV-Unicode", "XML-Element", "XML-Attribute"])
def test_what_goes_out_in_a_format_comes_back_in_unchanged(site: Site, source_format: str) -> None:
    project = f"Back {source_format}"
    site.export_project(project, "Customers V2", SourceFormat=source_format)
    target = io.BytesIO()
    archive = site.export(project)
    with zipfile.ZipFile(target, "w") as copy:
        for name in archive.namelist():
            copy.writestr(name, archive.read(name))
    before = site.customers("$orderby=CustomerAccount")
    execution = site.import_package(target.getvalue())
    assert (site.status(execution), site.errors(execution)) == ("Succeeded", [])
    after = site.customers("$orderby=CustomerAccount")
    assert [{**row, "@odata.etag": ""} for row in after] == [{**row, "@odata.etag": ""} for row in before]


def test_a_job_can_be_run_again_under_its_id(site: Site) -> None:
    site.export_project("Again", "Customer groups")
    asked = {"definitionGroupId": "Again", "packageName": "", "executionId": "", "reExecute": False}
    execution = site.act("ExportToPackageAsync", **asked, legalEntityId="cz")
    site.settle()
    again = {**asked, "executionId": execution, "legalEntityId": "cz"}
    assert site.send("POST", f"{GROUPS}.ExportToPackageAsync", again).status == 400
    assert site.act("ExportToPackageAsync", **{**again, "reExecute": True}) == execution
    site.settle()
    assert site.status(execution) == "Succeeded"


def test_a_package_can_say_what_to_export(site: Site) -> None:
    order = site.order(package(b"", fields=CUSTOMER_FIELDS), definitionGroupId="From a package")
    execution = site.act("ExportFromPackage", **order)
    site.settle()
    url = site.act("GetExportedPackageUrl", executionId=execution)
    archive = zipfile.ZipFile(io.BytesIO(site.send("GET", url).body))
    assert len(rows(archive)) == len(site.customers())


def test_a_project_that_does_not_exist_or_has_no_entities_is_refused(site: Site) -> None:
    site.export_project("Empty")
    for project, reason in (("Nowhere", "does not exist"), ("Empty", "has no entities")):
        asked = {"definitionGroupId": project, "packageName": "", "executionId": "", "reExecute": False}
        answer = site.send("POST", f"{GROUPS}.ExportToPackage", {**asked, "legalEntityId": "cz"})
        assert (answer.status, reason in answer.body.decode()) == (400, True)


def test_a_project_names_data_entities_and_formats_that_exist(site: Site) -> None:
    site.export_project("Checked")
    for entity, source_format, reason in (("CustomersV2", "CSV", "does not exist"), ("Customers V2", "EXCEL", "EXCEL")):
        detail = {"DefinitionGroupId": "Checked", "EntityName": entity, "SourceFormat": source_format}
        answer = site.send("POST", "/data/DataManagementDefinitionGroupDetails", detail)
        assert (answer.status, reason in answer.body.decode()) == (400, True)
    assert site.send("DELETE", "/data/DataManagementDefinitionGroups('Checked')").status == 204
