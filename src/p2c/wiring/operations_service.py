"""Puts Operations together: its OData service with actions, metadata, packages, blobs and recurring integration."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.applications import Starlette

from p2c.database.connect import open_database
from p2c.database.migrate import migrate
from p2c.database.session import Database
from p2c.database.tables import Storage
from p2c.odata.service.app import build_app, routes_of
from p2c.odata.service.fno.labels import Labels
from p2c.odata.service.fno.metadata import FnoMetadata
from p2c.odata.service.fno.service import FnoService
from p2c.odata.service.fno.services import CustomServices, NoRoute
from p2c.operations.model import MODEL
from p2c.operations.packages.actions import data_management_actions
from p2c.operations.packages.blob_endpoint import blob_routes
from p2c.operations.packages.catalogue import FACTS
from p2c.operations.packages.connector_endpoint import connector_routes
from p2c.operations.packages.data_management import DataManagement
from p2c.operations.packages.storage import PackageTables
from p2c.operations.saving import RULES
from p2c.operations.saving.users import default_company
from p2c.operations.seed import SEED
from p2c.operations.user_session import GET_USER_SESSION_INFO
from p2c.settings import Service
from p2c.text import LANGUAGES, translator

_METADATA = "/metadata/"
_SERVICES = "/api/services/"
_ON_PREMISES = "/namespaces/AXSF"
"""What stands before every path where the product runs in the customer's own house."""


@dataclass(frozen=True, slots=True)
class Operations:
    """The service, its data management, and both on HTTP."""

    service: FnoService
    management: DataManagement
    application: Starlette


def open_operations(url: str) -> Operations:
    """
    Operations over its database, migrated, with the rows that no entity publishes.

    Raises:
        ConfigurationError: The database does not answer, or holds other tables of the same names.
    """
    storage = Storage(MODEL.tables)
    tables = PackageTables(storage.metadata)
    engine = open_database(url)
    migrate(engine, storage.metadata)
    database = Database(engine, storage)
    _seed(database)
    management = DataManagement(MODEL, database, RULES, tables)
    management.start()
    service = FnoService(MODEL, database, RULES, data_management_actions(management), own_company=default_company)
    metadata = FnoMetadata(MODEL, FACTS, service.actions, Labels(MODEL, _translate))
    application = build_app(
        service,
        Service.OPERATIONS.base_path,
        Service.OPERATIONS.title,
        beside=(
            *(
                route
                for before in ("", _ON_PREMISES)
                for handler, base_path in (
                    (service, Service.OPERATIONS.base_path),
                    (metadata, _METADATA),
                    (CustomServices(service, (GET_USER_SESSION_INFO,)), _SERVICES),
                )
                for route in routes_of(handler, before + base_path, lenient=True)
            ),
            *connector_routes(management),
            *blob_routes(management.blobs),
            *routes_of(NoRoute(), "/"),
        ),
        at_start=management.resume,
        at_end=management.stop,
    )
    return Operations(service, management, application)


def _seed(database: Database) -> None:
    with database.begin() as session:
        for table, rows in SEED.items():
            if not session.all(table):
                session.insert(table, [dict(row) for row in rows])


def _translate(text: str, language: str) -> str:
    return translator(language)(text) if language in LANGUAGES else text
