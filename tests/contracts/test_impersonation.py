"""Who acts for another user may do what both may, and the rows say so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest

from p2c.edm.values import Row
from p2c.identity.dataverse_roles import DATAVERSE_ROLES
from p2c.odata.batch import ChangeSet
from p2c.odata.service.access import Caller, Rights, acting
from p2c.odata.service.dataverse.service import DataverseService
from p2c.sales.model import MODEL
from p2c.sales.saving import RULES
from p2c.sales.seed import seed_organization
from p2c.wiring.sales_actions import service_actions
from tests.contracts.caller import Caller as Client
from tests.contracts.caller import open_model, part


@pytest.fixture(scope="module")
def directory() -> dict[UUID, Rights]:
    """What each user may do, by the user's key."""
    return {}


@pytest.fixture(scope="module")
def sales(database_url: Callable[[str], str], directory: dict[UUID, Rights]) -> Iterator[Client]:
    """Sales that looks users' rights up in the directory."""
    database = open_model(MODEL, database_url("sales"))
    with database.begin() as session:
        seed_organization(session)

    def rights_of(user: Row) -> Rights:
        key = user["systemuserid"]
        return directory.get(key, Rights()) if isinstance(key, UUID) else Rights()

    yield Client(DataverseService(MODEL, database, RULES, service_actions(), rights_of))
    database.engine.dispose()


def a_user(sales: Client, directory: dict[UUID, Rights], *roles: str) -> UUID:
    """A user of the root business unit with some roles."""
    unit = sales("GET", "WhoAmI").json["BusinessUnitId"]
    body = {
        "domainname": f"{uuid4()}@p2c.local",
        "firstname": "Eve",
        "lastname": "E",
        "businessunitid@odata.bind": f"businessunits({unit})",
    }
    key = UUID(sales("POST", "systemusers", body).headers["OData-EntityId"][-37:-1])
    for role in roles:
        directory[key] = directory.get(key, Rights()) | DATAVERSE_ROLES[role]
    return key


def the_caller(sales: Client, directory: dict[UUID, Rights], *roles: str) -> Caller:
    """Somebody with some roles who sends requests."""
    user = a_user(sales, directory, *roles)
    unit = UUID(sales("GET", "WhoAmI").json["BusinessUnitId"])
    return Caller(uuid4(), "caller", directory[user], user, unit)


@pytest.mark.parametrize(
    ("own", "other", "create", "delete"),
    [
        (("Delegate", "Salesperson"), ("Salesperson",), 204, 204),
        (("Delegate", "Salesperson"), ("Reader",), 403, 403),
        (("Delegate", "Reader"), ("Salesperson",), 403, 403),
        (("System Administrator",), ("Reader",), 403, 403),
        (("System Administrator",), (), 403, 403),
        (("Delegate", "Sales Manager"), ("System Administrator",), 204, 204),
    ],
)
def test_both_need_the_privilege(
    sales: Client, directory: dict[UUID, Rights], own: list[str], other: list[str], create: int, delete: int
) -> None:
    account = sales("POST", "accounts", {"name": "Moravia"}).headers["OData-EntityId"]
    user = str(a_user(sales, directory, *other))
    with acting(the_caller(sales, directory, *own)):
        assert sales("POST", "accounts", {"name": "Bohemia"}, mscrmcallerid=user).status == create
        assert sales("DELETE", account, mscrmcallerid=user).status == delete


def test_a_row_tells_whose_it_is_and_who_wrote_it(sales: Client, directory: dict[UUID, Rights]) -> None:
    caller = the_caller(sales, directory, "Delegate", "Salesperson")
    user = a_user(sales, directory, "Salesperson")
    with acting(caller):
        made = sales("POST", "accounts", {"name": "A"}, prefer="return=representation", mscrmcallerid=str(user)).json
    assert made["_createdby_value"] == made["_modifiedby_value"] == made["_ownerid_value"] == str(user)
    assert made["_createdonbehalfby_value"] == made["_modifiedonbehalfby_value"] == str(caller.user)


def test_each_part_of_a_change_set_acts_for_the_user_that_it_names(
    sales: Client, directory: dict[UUID, Rights]
) -> None:
    caller = the_caller(sales, directory, "Delegate", "Salesperson")
    user = a_user(sales, directory, "Salesperson")
    name = f"Parts {uuid4()}"
    parts = (
        part("POST", "accounts", {"name": f"{name} 1"}, "1", MSCRMCallerID=str(user)),
        part("POST", "accounts", {"name": f"{name} 2"}, "2"),
    )
    with acting(caller):
        assert sales.batch(ChangeSet(parts))[0].status == 200
    rows = sales.rows("accounts", filter=f"startswith(name,'{name}')", orderby="name")
    assert [(row["_createdby_value"], row["_createdonbehalfby_value"]) for row in rows] == [
        (str(user), str(caller.user)),
        (str(caller.user), None),
    ]


def test_a_disabled_user_is_nobody_to_act_for(sales: Client, directory: dict[UUID, Rights]) -> None:
    user = a_user(sales, directory, "Salesperson")
    sales("PATCH", f"systemusers({user})", {"isdisabled": True})
    refused = sales("GET", "accounts", mscrmcallerid=str(user))
    assert (refused.status, refused.code) == (403, "0x80040225")


def test_the_privilege_is_not_handed_on(sales: Client, directory: dict[UUID, Rights]) -> None:
    """Acting for a delegate gives no right to act for a third user: each request names one user."""
    caller = the_caller(sales, directory, "Salesperson")
    delegate = a_user(sales, directory, "Delegate", "Salesperson")
    with acting(caller):
        refused = sales("GET", "accounts", mscrmcallerid=str(delegate))
    assert (refused.status, refused.code) == (403, "0x8004a110")
