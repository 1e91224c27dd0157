"""Opens the services of the Dataverse dialect: what their rooms ship, with what their users have added."""

from __future__ import annotations

from collections.abc import Mapping

from p2c.database.connect import open_database
from p2c.database.session import Database
from p2c.odata.service.dataverse.customizing.customizer import Customizer
from p2c.odata.service.dataverse.customizing.edition import Blueprint
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


def open_dataverse(url: str, blueprint: Blueprint, actions: Mapping[str, Action]) -> DataverseService:
    """
    The service over its database, which is brought to its tables first.

    Raises:
        ConfigurationError: The database does not answer, or holds other tables of the same names.
    """
    engine = open_database(url)
    customizer = Customizer(blueprint, engine)
    edition = customizer.edition
    database = Database(engine, edition.storage)
    return DataverseService(edition.model, database, edition.rules, actions, customizer)
