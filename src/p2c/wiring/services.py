"""Builds each service: its database brought up to date, its rules hung on its tables, its API on HTTP.

A service runs in a process of its own, so each builder imports its own room only.
"""

from __future__ import annotations

from starlette.applications import Starlette

from p2c.database.connect import open_database
from p2c.database.migrate import migrate
from p2c.database.session import Database
from p2c.database.tables import Storage
from p2c.edm.entity import Model
from p2c.settings import Service


def build_service(service: Service, database_url: str, *, seed: bool = True) -> Starlette:
    """
    The service's application over its database, migrated; with `seed` also the rows that it cannot live without.

    Raises:
        ConfigurationError: The database does not answer, or holds other tables of the same names.
    """
    builders = {
        Service.SALES: _sales,
        Service.OPERATIONS: _operations,
        Service.COMMONDATA: _commondata,
        Service.INTEGRATOR: _integrator,
    }
    return builders[service](database_url, seed)


def _sales(url: str, seed: bool) -> Starlette:
    from p2c.odata.service.app import build_app
    from p2c.odata.service.dataverse import DataverseService
    from p2c.sales.model import MODEL
    from p2c.sales.saving import RULES
    from p2c.sales.seed import seed_organization
    from p2c.wiring.sales_actions import service_actions

    database = _database(url, MODEL)
    if seed:
        with database.begin() as session:
            seed_organization(session)
    service = DataverseService(MODEL, database, RULES, service_actions())
    return build_app(service, Service.SALES.base_path, Service.SALES.title)


def _operations(url: str, seed: bool) -> Starlette:
    from p2c.odata.service.app import build_app
    from p2c.odata.service.fno import FnoService
    from p2c.operations.model import MODEL
    from p2c.operations.saving import RULES
    from p2c.operations.seed import SEED

    database = _database(url, MODEL)
    with database.begin() as session:
        for table, rows in SEED.items():
            if not session.all(table):
                session.insert(table, [dict(row) for row in rows])
    service = FnoService(MODEL, database, RULES)
    return build_app(service, Service.OPERATIONS.base_path, Service.OPERATIONS.title)


def _commondata(url: str, seed: bool) -> Starlette:
    from p2c.commondata.model import MODEL
    from p2c.commondata.saving import RULES
    from p2c.odata.service.app import build_app
    from p2c.odata.service.dataverse import DataverseService

    service = DataverseService(MODEL, _database(url, MODEL), RULES, {})
    return build_app(service, Service.COMMONDATA.base_path, Service.COMMONDATA.title)


def _integrator(url: str, seed: bool) -> Starlette:
    from p2c.integrator.store import Store
    from p2c.wiring.integrator_api import build_integrator

    return build_integrator(Store(open_database(url)))


def _database(url: str, model: Model) -> Database:
    storage = Storage(model.tables)
    engine = open_database(url)
    migrate(engine, storage.metadata)
    return Database(engine, storage)
