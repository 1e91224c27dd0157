"""Calls a service as HTTP would, without HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec

from p2c.database.connect import open_database
from p2c.database.migrate import migrate
from p2c.database.session import Database
from p2c.database.tables import Storage
from p2c.edm.entity import Model
from p2c.odata import batch
from p2c.odata.service.core import ODataService
from p2c.odata.service.dataverse.service import DataverseService
from p2c.odata.service.fno.service import FnoService
from p2c.odata.service.message import Request, Response
from p2c.sales.model import MODEL as SALES
from p2c.sales.saving import RULES
from p2c.sales.seed import seed_organization
from p2c.wiring.dataverse import open_dataverse, sales_blueprint
from p2c.wiring.sales_actions import service_actions
from tests.contracts.model import REGISTRY, RETAIL, PersonRules, ShopRules

ROOT = "http://127.0.0.1:8401/api/data/v9.2/"


@dataclass(frozen=True)
class Reply:
    """A response with its body decoded."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The JSON body."""
        return msgspec.json.decode(self.body)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of a page."""
        rows: list[dict[str, Any]] = self.json["value"]
        return rows

    @property
    def code(self) -> str:
        """The error code."""
        return str(self.json["error"]["code"])

    @property
    def message(self) -> str:
        """The error message that says most."""
        error = self.json["error"]
        return str(error.get("innererror", error)["message"])


class Caller:
    """Sends requests to a service; `root` is the base URL that the service believes it has."""

    def __init__(self, service: ODataService, root: str = ROOT) -> None:
        self.service = service
        self.root = root

    def __call__(
        self, method: str, url: str, body: object = None, *, raw: bytes | None = None, **headers: str
    ) -> Reply:
        """A request; `url` is below the root or absolute, header names are written with underscores."""
        path, _, query = url.removeprefix(self.root).partition("?")
        content = raw if raw is not None else b"" if body is None else msgspec.json.encode(body)
        named = {name.lower().replace("_", "-"): value for name, value in headers.items()}
        return reply(self.service.handle(Request(method, path, query, named, content, self.root)))

    def rows(self, set_name: str, **options: str) -> list[dict[str, Any]]:
        """All rows of a set over all pages; options without their `$`."""
        query = "&".join(f"${name}={quote(value)}" for name, value in options.items())
        found: list[dict[str, Any]] = []
        url = f"{set_name}?{query}"
        while url:
            page = self("GET", url)
            assert page.status == 200, page.body
            found.extend(page.rows)
            url = page.json.get("@odata.nextLink", "")
        return found

    def bulk(self, set_name: str, action: str, *targets: Mapping[str, object]) -> Reply:
        """A bulk action such as CreateMultiple; the targets need not say their type."""
        kind = f"Microsoft.Dynamics.CRM.{self.service.model.entity_set[set_name].name}"
        body = {"Targets": [{"@odata.type": kind, **target} for target in targets]}
        return self("POST", f"{set_name}/Microsoft.Dynamics.CRM.{action}", body)

    def batch(
        self, *items: batch.Part | batch.ChangeSet, **headers: str
    ) -> tuple[Reply, list[batch.Part | batch.ChangeSet]]:
        """A `$batch` and the parts of its answer."""
        content_type = "multipart/mixed; boundary=b"
        answer = self("POST", "$batch", raw=batch.write(items, "b", "c"), content_type=content_type, **headers)
        return answer, batch.parse(answer.body, answer.headers["Content-Type"])


def reply(response: Response) -> Reply:
    """The response as tests read it."""
    return Reply(response.status, response.headers, response.body)


def part(method: str, url: str, body: object = None, content_id: str = "", **headers: str) -> batch.Part:
    """A request inside a batch."""
    content = b"" if body is None else msgspec.json.encode(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return batch.request_part(method, url, named, content, content_id)


def open_model(model: Model, url: str) -> Database:
    """A database with the model's tables."""
    storage = Storage(model.tables)
    engine = open_database(url)
    migrate(engine, storage.metadata)
    return Database(engine, storage)


def registry(make_url: Callable[[str], str]) -> Caller:
    """The registry of people, empty, in the Dataverse dialect."""
    database = open_model(REGISTRY, make_url("registry"))
    return Caller(DataverseService(REGISTRY, database, {"person": PersonRules()}))


def sales_environment(make_url: Callable[[str], str]) -> Caller:
    """The real tables of Sales with their rules, an organization, a user and a currency."""
    database = open_model(SALES, make_url("sales"))
    with database.begin() as session:
        seed_organization(session)
    return Caller(DataverseService(SALES, database, RULES, service_actions()))


def customizable_sales(url: str) -> Caller:
    """Sales as its service opens it over a database: its users may add tables and columns."""
    service = open_dataverse(url, sales_blueprint()).service(service_actions())
    with service.database.begin() as session:
        seed_organization(session)
    return Caller(service)


def retail(make_url: Callable[[str], str]) -> Caller:
    """The shops, in the Finance and Operations dialect, with the companies `cz` and `hu`; `cz` is the user's."""
    database = open_model(RETAIL, make_url("retail"))
    with database.begin() as session:
        session.insert("legal_entity", [{"RecId": n, "LegalEntityId": name} for n, name in enumerate(("cz", "hu"), 1)])
    service = FnoService(RETAIL, database, {"shop": ShopRules()}, own_company=lambda session: "cz")
    return Caller(service, "http://127.0.0.1:8402/data/")
