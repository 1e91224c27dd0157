"""RetrieveUserPrivileges tells callers what they may do, and about nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest

from p2c.commondata.model import MODEL as HUB
from p2c.commondata.saving import RULES as HUB_RULES
from p2c.identity.roles import rights_of
from p2c.odata.service.access import Caller, acting
from p2c.odata.service.dataverse.service import DataverseService
from tests.contracts.caller import Caller as Client
from tests.contracts.caller import open_model, sales_environment


@pytest.fixture(scope="module")
def sales(database_url: Callable[[str], str]) -> Iterator[Client]:
    """Sales with the rows that it cannot live without."""
    caller = sales_environment(database_url)
    yield caller
    caller.service.database.engine.dispose()


@pytest.fixture(scope="module")
def hub(database_url: Callable[[str], str]) -> Iterator[Client]:
    """The hub, which keeps no users."""
    database = open_model(HUB, database_url("commondata"))
    yield Client(DataverseService(HUB, database, HUB_RULES))
    database.engine.dispose()


def privileges(client: Client) -> dict[str, str]:
    """Depths by privilege, as the caller is told of itself."""
    who = client("GET", "WhoAmI").json["UserId"]
    told = client("GET", f"systemusers({who})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()")
    assert told.status == 200, told.json
    return {item["PrivilegeName"]: item["Depth"] for item in told.json["RolePrivileges"]}


def test_where_nobody_is_asked_the_caller_may_do_everything(sales: Client) -> None:
    held = privileges(sales)
    assert held["prvReadAccount"] == held["prvDeleteQuote"] == "Global"
    assert len({name[3:7] for name in held}) == 4


def test_a_role_is_told_with_its_depths(sales: Client) -> None:
    user = UUID(sales("GET", "WhoAmI").json["UserId"])
    with acting(Caller(uuid4(), "seller", rights_of("sales", ["Salesperson"]), user)):
        held = privileges(sales)
    assert held["prvWriteAccount"] == "Local"
    assert held["prvReadProduct"] == "Global"
    assert "prvWriteProduct" not in held


def test_the_hub_tells_it_too(hub: Client) -> None:
    with acting(Caller(uuid4(), "reader", rights_of("commondata", ["Reader"]))):
        held = privileges(hub)
    assert {name[3:7] for name in held} == {"Read"}


def test_somebody_elses_privileges_are_not_told(sales: Client) -> None:
    told = sales("GET", f"systemusers({uuid4()})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()")
    assert told.status == 403
