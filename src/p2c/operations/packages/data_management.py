"""Data management as one thing: its parts put together, and what the service needs to offer it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

from sqlalchemy import text

from p2c.database.session import Database
from p2c.edm.entity import Model
from p2c.odata.packages.errors import PackageError
from p2c.odata.packages.manifest import PackageEntity
from p2c.odata.service.access import Privilege, demand
from p2c.odata.service.fno.service import FnoService
from p2c.odata.service.rules import TableRules
from p2c.operations.packages.blobs import Blobs
from p2c.operations.packages.catalogue import Catalogue
from p2c.operations.packages.exporting import Exporter
from p2c.operations.packages.importing import Importer
from p2c.operations.packages.jobs import Jobs
from p2c.operations.packages.projects import list_catalogue
from p2c.operations.packages.staging import Staging
from p2c.operations.packages.storage import PackageTables
from p2c.operations.packages.target import Target
from p2c.operations.packages.tracking import VersionTokens
from p2c.operations.packages.worker import Worker
from p2c.operations.saving.users import default_company
from p2c.operations.tables.legal_entity import LEGAL_ENTITY

_LOCK = 7_262_002


class DataManagement:
    """Packages, jobs and blobs of one environment. `start` it once its tables are there, `stop` it at the end."""

    def __init__(
        self, model: Model, database: Database, rules: Mapping[str, TableRules], tables: PackageTables
    ) -> None:
        self.model = model
        self.database = database
        self.catalogue = Catalogue(model)
        self.tables = tables
        self.blobs = Blobs(database, tables)
        self.jobs = Jobs(database, tables)
        self.staging = Staging(database, tables)
        self.tokens = VersionTokens(tables)
        self.stopping = threading.Event()
        service = FnoService(model, database, rules, own_company=default_company)
        self.importer = Importer(
            database, self.blobs, self.jobs, self.staging, Target(service), self.catalogue, self.stopping
        )
        self.exporter = Exporter(database, self.blobs, self.jobs, self.tokens, service, self.catalogue, self.stopping)
        self.worker = Worker(self.jobs, self.importer, self.exporter, self.stopping)

    def start(self) -> None:
        """List the data entities and take up jobs that wait."""
        self.initialize()
        self.resume()

    def resume(self) -> None:
        """Take up jobs that wait."""
        self.worker.resume()

    def stop(self) -> None:
        """Stop work at the next batch."""
        self.worker.stop()

    def initialize(self) -> None:
        """Bring the published list of data entities up to date."""
        with self.database.begin() as session:
            # Processes of one environment may start together; the list must not be doubled.
            session.connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            list_catalogue(session, self.catalogue)

    def company(self, wanted: str) -> str:
        """
        The legal entity that a job runs in: the one asked for, else the caller's own.

        Raises:
            PackageError: It does not exist.
        """
        with self.database.begin() as session:
            if not wanted:
                return default_company(session)
            if not session.rows(LEGAL_ENTITY.name, "LegalEntityId", [wanted], ["RecId"]):
                raise PackageError(f"the legal entity {wanted!r} does not exist", way_out="create it in LegalEntities")
        return wanted.lower()

    def demand(self, entities: Iterable[PackageEntity], *privileges: Privilege) -> None:
        """
        Check the caller's rights before there is a job: behind, nobody asks any more.

        Raises:
            RequestError: The caller lacks one.
        """
        for item in entities:
            for privilege in privileges:
                demand(self.catalogue.named(item.name).entity, privilege)
