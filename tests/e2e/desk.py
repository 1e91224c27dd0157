"""A user's desk: the command over a data directory whose services run, and files to load."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner, Result

from p2c.cli.main import app

COMPANY = {
    ("operations", "Currencies"): "CurrencyCode,Name\nEUR,Euro\n",
    ("operations", "LegalEntities"): "LegalEntityId,Name,AccountingCurrency\nusmf,Company,EUR\n",
    ("operations", "CustomerGroups"): "dataAreaId,CustomerGroupId,Description\nusmf,10,All\n",
    ("operations", "OperationalSitesV2"): "dataAreaId,SiteId,SiteName\nusmf,1,Main\n",
    ("operations", "Warehouses"): "dataAreaId,WarehouseId,WarehouseName,OperationalSiteId\nusmf,13,Main,1\n",
    ("commondata", "Organizations"): "OrganizationId,OrganizationName\nORG001,Company\n",
}
"""A company with a customer group, a site and a warehouse, and its organization in the hub."""


class Desk:
    """A data directory with services running over it, and a directory of files to load."""

    def __init__(self, data: Path, files: Path) -> None:
        self.data = data
        self.files = files

    def p2c(self, *words: str, answer: str = "") -> Result:
        """A command, in this process."""
        environment = {"P2C_DATA": str(self.data), "COLUMNS": "140", "P2C_LANGUAGE": "en"}
        return CliRunner().invoke(app, list(words), input=answer, env=environment)

    def load(self, environment: str, entity: str, text: str, *words: str) -> Result:
        """`p2c load` of a file with this text."""
        path = self.files / f"{entity}.csv"
        path.write_text(text, encoding="utf-8")
        return self.p2c("load", environment, entity, str(path), *words)

    def found(self) -> None:
        """Load the company and map it to its organization and business unit."""
        for (environment, entity), text in COMPANY.items():
            loaded = self.load(environment, entity, text)
            assert loaded.exit_code == 0, loaded.output
        assert self.p2c("setup", "--organization", "usmf=ORG001=Prospect to Cash").exit_code == 0
