"""Builds each service: its database brought up to date, its rules hung on its tables, its API on HTTP.

A service runs in a process of its own, so each builder imports its own room only.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from starlette.applications import Starlette

from p2c.database.connect import open_database
from p2c.settings import Service, read_settings
from p2c.wiring.guard import OPEN, Guard
from p2c.wiring.guarding import authenticator_of, guarded, identity_service

if TYPE_CHECKING:
    from p2c.integrator.jobs import Worker


def build_service(service: Service, database_url: str, *, seed: bool = True, guard: Guard = OPEN) -> Starlette:
    """
    The service's application over its database, migrated, behind the gates that `guard` asks for; with `seed` also
    the rows that it cannot live without.

    Raises:
        ConfigurationError: The database does not answer, or holds other tables of the same names.
    """
    builders = {
        Service.SALES: _sales,
        Service.OPERATIONS: _operations,
        Service.COMMONDATA: _commondata,
        Service.INTEGRATOR: _integrator,
        Service.IDENTITY: _identity,
    }
    return builders[service](database_url, seed, guard)


def _sales(url: str, seed: bool, guard: Guard) -> Starlette:
    from p2c.odata.service.app import build_app
    from p2c.odata.service.dataverse.impersonation import all_rights
    from p2c.odata.service.dataverse.service import EARLIER_VERSIONS
    from p2c.sales.seed import seed_organization
    from p2c.wiring.dataverse import open_dataverse, sales_blueprint
    from p2c.wiring.sales_actions import service_actions
    from p2c.wiring.sales_users import sales_users

    platform = open_dataverse(url, sales_blueprint())
    if seed:
        with platform.database.begin() as session:
            seed_organization(session)
    authenticator = authenticator_of(Service.SALES, guard, sales_users(platform.database))
    rights_of = authenticator.rights_of if authenticator is not None else all_rights
    service = platform.service(service_actions(), rights_of)
    application = build_app(service, Service.SALES.base_path, Service.SALES.title, also=EARLIER_VERSIONS)
    return guarded(application, Service.SALES, guard, service.failure, authenticator)


def _operations(url: str, seed: bool, guard: Guard) -> Starlette:
    from p2c.operations.packages.blobs import BLOB_PATH
    from p2c.operations.packages.connector_endpoint import PATH as CONNECTOR_PATH
    from p2c.wiring.operations_service import open_operations
    from p2c.wiring.operations_users import operations_users

    operations = open_operations(url)
    users = operations_users(operations.service.database)
    return guarded(
        operations.application,
        Service.OPERATIONS,
        guard,
        operations.service.failure,
        authenticator_of(Service.OPERATIONS, guard, users),
        # Addresses of blobs are signed; the product does not count data management.
        open_below=(f"{BLOB_PATH}/",),
        free_below=(f"{BLOB_PATH}/", f"{CONNECTOR_PATH}/"),
    )


def _commondata(url: str, seed: bool, guard: Guard) -> Starlette:
    from p2c.odata.service.app import build_app
    from p2c.odata.service.dataverse.service import EARLIER_VERSIONS
    from p2c.wiring.dataverse import hub_blueprint, open_dataverse

    service = open_dataverse(url, hub_blueprint()).service({})
    application = build_app(service, Service.COMMONDATA.base_path, Service.COMMONDATA.title, also=EARLIER_VERSIONS)
    return guarded(application, Service.COMMONDATA, guard, service.failure)


def _integrator(url: str, seed: bool, guard: Guard) -> Starlette:
    from p2c.integrator.jobs import Queue
    from p2c.integrator.store import Store
    from p2c.wiring.integrator_api import build_integrator, failure

    engine = open_database(url)
    # Without a data directory nobody could open the secrets of connections.
    worker = _worker(engine, Path(guard.data)) if guard.data else None
    application = build_integrator(Store(engine), Queue(engine), worker)
    return guarded(application, Service.INTEGRATOR, guard, failure)


def _worker(engine: Engine, data: Path) -> Worker:
    from p2c.database.vault import open_vault
    from p2c.integrator.jobs import Worker

    return Worker(engine, open_vault(data), history_days=read_settings(os.environ, data).history_days)


def _identity(url: str, seed: bool, guard: Guard) -> Starlette:
    return identity_service(url, guard)
