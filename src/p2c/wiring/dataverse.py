"""Opens the services of the Dataverse dialect: what their rooms ship, with what their users have added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from p2c.database.connect import open_database
from p2c.database.session import Database
from p2c.odata.service.dataverse.customizing.customizer import Customizer
from p2c.odata.service.dataverse.customizing.edition import Blueprint
from p2c.odata.service.dataverse.impersonation import RightsOf, all_rights
from p2c.odata.service.dataverse.service import Action, DataverseService


def sales_blueprint() -> Blueprint:
    """Sales; rows of added tables have owners, states and currencies as all others."""
    from p2c.sales.entities.custom import SalesPlatform
    from p2c.sales.model import MODEL
    from p2c.sales.saving import RULES
    from p2c.sales.saving.platform import PlatformRules

    return Blueprint(MODEL, RULES, SalesPlatform(), PlatformRules)


def hub_blueprint() -> Blueprint:
    """The Common Data Service."""
    from p2c.commondata.entities.custom import HubPlatform
    from p2c.commondata.model import MODEL
    from p2c.commondata.saving import RULES
    from p2c.odata.service.rules import NoRules

    return Blueprint(MODEL, RULES, HubPlatform(), lambda table: NoRules())


@dataclass(frozen=True, slots=True)
class DataversePlatform:
    """A database at its tables, and what is added to them."""

    customizer: Customizer
    database: Database

    def service(self, actions: Mapping[str, Action], rights_of: RightsOf = all_rights) -> DataverseService:
        """The service over it; `rights_of` tells the rights of users in whose name others work."""
        edition = self.customizer.edition
        return DataverseService(edition.model, self.database, edition.rules, actions, rights_of, self.customizer)


def open_dataverse(url: str, blueprint: Blueprint) -> DataversePlatform:
    """
    A database, brought to its tables.

    Raises:
        ConfigurationError: The database does not answer, or holds other tables of the same names.
    """
    engine = open_database(url)
    customizer = Customizer(blueprint, engine)
    return DataversePlatform(customizer, Database(engine, customizer.edition.storage))
