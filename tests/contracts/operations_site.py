"""Operations as it is delivered, called over ASGI, with one company and what customers need."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import msgspec
from starlette.types import Receive, Scope, Send

from p2c.odata.packages.manifest import (
    HEADER_FILE,
    MANIFEST_FILE,
    FieldMapping,
    Manifest,
    PackageEntity,
    write_header,
    write_manifest,
)
from p2c.wiring.operations_service import Operations, open_operations
from tests.contracts.asgi import Answer, call

ACTION = "Microsoft.Dynamics.DataEntities"
GROUPS = f"/data/DataManagementDefinitionGroups/{ACTION}"
CUSTOMER_FIELDS = (
    "CUSTOMERACCOUNT",
    "PARTYTYPE",
    "ORGANIZATIONNAME",
    "CUSTOMERGROUPID",
    "SALESCURRENCYCODE",
    "CREDITLIMIT",
)


class Site:
    """One environment; every call is a request of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.operations: Operations = open_operations(url)
        for entity_set, row in _SETUP:
            answer = self.send("POST", f"/data/{entity_set}", row)
            assert answer.status == 201, answer.body

    def close(self) -> None:
        """Let go of the database."""
        self.operations.management.stop()
        self.operations.service.database.engine.dispose()

    def send(self, method: str, url: str, body: object = None, **headers: str) -> Answer:
        """A request; bytes are sent as they are, everything else as JSON."""
        content = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        return call(self._application, method, path, content, **headers)

    async def _application(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application as a server of today calls it: streams end without a word from the client."""
        await self.operations.application({**scope, "asgi": {"version": "3.0", "spec_version": "2.4"}}, receive, send)

    def act(self, action: str, **parameters: object) -> Any:
        """The value of an action of the definition groups that succeeds."""
        answer = self.send("POST", f"{GROUPS}.{action}", parameters)
        assert answer.status == 200, answer.body
        return answer.json["value"]

    def upload(self, package: bytes) -> str:
        """The address of a blob with this content."""
        target = msgspec.json.decode(self.act("GetAzureWriteUrl", uniqueFileName="package.zip"))
        answer = self.send("PUT", target["BlobUrl"], package, x_ms_blob_type="BlockBlob")
        assert answer.status == 201, answer.body
        return str(target["BlobUrl"])

    def import_package(self, package: bytes, action: str = "ImportFromPackageAsync", **parameters: object) -> str:
        """The execution id of an import that has ended."""
        execution = self.act(action, **self.order(package, **parameters))
        self.settle()
        return str(execution)

    def order(self, package: bytes, **parameters: object) -> dict[str, object]:
        """The parameters of an import of an uploaded package."""
        return {
            "packageUrl": self.upload(package),
            "definitionGroupId": "Customers in",
            "executionId": "",
            "execute": True,
            "overwrite": True,
            "legalEntityId": "cz",
            **parameters,
        }

    def settle(self) -> None:
        """Wait for the jobs that run."""
        self.operations.management.worker.settle()

    def status(self, execution: str) -> str:
        """The state of a job."""
        return str(self.act("GetExecutionSummaryStatus", executionId=execution))

    def errors(self, execution: str) -> list[dict[str, str]]:
        """The errors of a job, decoded a second time."""
        items: list[dict[str, str]] = msgspec.json.decode(self.act("GetExecutionErrors", executionId=execution))
        return items

    def counts(self, execution: str) -> dict[str, Any]:
        """The first entity of a job."""
        states = self.act("GetEntityExecutionSummaryStatusList", executionId=execution)
        decoded: dict[str, Any] = msgspec.json.decode(states[0])
        return decoded

    def customers(self, query: str = "") -> list[dict[str, Any]]:
        """Customers of the company."""
        url = f"/data/CustomersV2?{quote(query, safe='$=&')}"
        rows: list[dict[str, Any]] = self.send("GET", url).json["value"]
        return rows

    def export_project(self, name: str, *entities: str, **values: object) -> None:
        """A new export project."""
        group = {"Name": name, "OperationType": "Export"}
        assert self.send("POST", "/data/DataManagementDefinitionGroups", group).status == 201
        for entity in entities:
            detail = {"DefinitionGroupId": name, "EntityName": entity, "SourceFormat": "CSV", **values}
            answer = self.send("POST", "/data/DataManagementDefinitionGroupDetails", detail)
            assert answer.status == 201, answer.body

    def export(self, project: str, action: str = "ExportToPackageAsync", **parameters: object) -> zipfile.ZipFile:
        """The package of an export that succeeds."""
        execution = self.act(
            action,
            definitionGroupId=project,
            packageName="out",
            executionId="",
            reExecute=False,
            legalEntityId="cz",
            **parameters,
        )
        self.settle()
        assert self.status(execution) == "Succeeded"
        answer = self.send("GET", self.act("GetExportedPackageUrl", executionId=execution))
        assert answer.status == 200
        return zipfile.ZipFile(io.BytesIO(answer.body))


def customer(account: str, **values: str) -> dict[str, str]:
    """A sound customer as a data file has it."""
    return {
        "CUSTOMERACCOUNT": account,
        "PARTYTYPE": "Organization",
        "ORGANIZATIONNAME": f"Company {account}",
        "CUSTOMERGROUPID": "10",
        "SALESCURRENCYCODE": "CZK",
        "CREDITLIMIT": "100.50",
        **values,
    }


def csv_file(
    rows: Sequence[Mapping[str, str]], fields: Sequence[str] = CUSTOMER_FIELDS, encoding: str = "utf-8"
) -> bytes:
    """A data file of comma separated values."""
    lines = [",".join(fields), *(",".join(row.get(field, "") for field in fields) for row in rows)]
    return "".join(f"{line}\r\n" for line in lines).encode(encoding)


def package(
    content: bytes,
    *,
    source_format: str = "CSV",
    entity: str = "Customers V2",
    file: str = "Customers V2.csv",
    fields: Sequence[str] = CUSTOMER_FIELDS,
    change: Callable[[bytes], bytes] = bytes,
) -> bytes:
    """A package of one entity; `change` edits the manifest."""
    mapping = tuple(FieldMapping(field, field) for field in fields)
    item = PackageEntity(name=entity, file=file, source_format=source_format, fields=mapping)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(HEADER_FILE, write_header("Customers in"))
        archive.writestr(MANIFEST_FILE, change(write_manifest(Manifest("Customers in", "", (item,)))))
        archive.writestr(file, content)
    return target.getvalue()


def texts(element: ElementTree.Element, name: str) -> list[str]:
    """The texts of all elements of a name, whatever its namespace."""
    return [child.text or "" for child in element.iter() if child.tag.rpartition("}")[2] == name]


_SETUP: tuple[tuple[str, dict[str, object]], ...] = (
    ("Currencies", {"CurrencyCode": "CZK", "Name": "Koruna"}),
    (
        "LegalEntities",
        {"LegalEntityId": "cz", "Name": "Česko", "AccountingCurrency": "CZK"},
    ),
    ("CustomerGroups", {"dataAreaId": "cz", "CustomerGroupId": "10"}),
)
