"""In Operations callers act as users: each has a company of its own, which counts where a request names none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from p2c.identity.authenticator import Users
from p2c.identity.principals import Kind, Principal
from p2c.odata.service.access import ALL_RIGHTS, AccessRefusedError, Caller, acting
from p2c.wiring.operations_users import operations_users
from tests.contracts.operations_site import Site, csv_file, customer, package

GROUPS = "/data/CustomerGroups"
CROSS = "cross-company=true"


@pytest.fixture(scope="module")
def site(database_url: Callable[[str], str]) -> Iterator[Site]:
    """Operations with the companies `cz` and `hu`."""
    running = Site(database_url("users"))
    hungary = {"LegalEntityId": "hu", "Name": "Magyarország", "AccountingCurrency": "CZK"}
    assert running.send("POST", "/data/LegalEntities", hungary).status == 201
    yield running
    running.close()


@pytest.fixture(scope="module")
def users(site: Site) -> Users:
    """Finds users of Operations."""
    return operations_users(site.operations.service.database)


def an_application(name: str = "robot") -> Principal:
    """An application that nobody knows yet."""
    return Principal(uuid4(), Kind.APPLICATION, name, uuid4(), "", True, datetime(2025, 3, 31, tzinfo=UTC))


def a_person(login: str) -> Principal:
    """A person that nobody knows yet."""
    return Principal(uuid4(), Kind.USER, login.partition("@")[0], None, login, True, datetime(2025, 3, 31, tzinfo=UTC))


def working(principal: Principal) -> AbstractContextManager[None]:
    """What is sent inside is sent by this principal."""
    return acting(Caller(principal.id, principal.name, ALL_RIGHTS, login=principal.login))


def user_id(site: Site, principal: Principal) -> str:
    """The user that an application acts as."""
    return str(site.send("GET", f"/data/SysAADClients('{principal.login}')").json["UserId"])


def place(site: Site, user: str, company: str) -> None:
    """Give a user another company."""
    answer = site.send("PATCH", f"/data/SystemUsers(UserID='{user}')", {"Company": company})
    assert answer.status == 204, answer.body


def test_an_application_gets_a_user_once_and_a_second_of_the_same_name_another(site: Site, users: Users) -> None:
    first, second = an_application("a name longer than a user id"), an_application("a name longer than a user id")
    for principal in (first, first, second):
        users(principal)
    assert (user_id(site, first), user_id(site, second)) == ("a name longer than a", "a name longer than01")


def test_a_person_is_the_user_with_its_alias_in_any_case(site: Site, users: Users) -> None:
    """An administrator may have made the user before the person came."""
    made = {"UserID": "jana", "Alias": "Jana@example.com", "Company": "HU"}
    assert site.send("POST", "/data/SystemUsers", made).json["Company"] == "hu"
    person = a_person("jana@example.com")
    users(person)
    with working(person):
        assert site.send("POST", GROUPS, {"CustomerGroupId": "J"}).json["dataAreaId"] == "hu"


def test_a_request_that_names_no_company_works_in_the_users_own(site: Site, users: Users) -> None:
    robot = an_application()
    users(robot)
    place(site, user_id(site, robot), "HU")
    with working(robot):
        assert site.send("POST", GROUPS, {"CustomerGroupId": "H1"}).json["dataAreaId"] == "hu"
        own = site.send("GET", f"{GROUPS}?$filter=CustomerGroupId eq 'H1' or CustomerGroupId eq '10'").json["value"]
        assert [row["CustomerGroupId"] for row in own] == ["H1"]
        assert site.send("GET", f"{GROUPS}?$filter=dataAreaId eq 'cz'").json["value"] == []
        elsewhere = site.send("GET", f"{GROUPS}?{CROSS}&$filter=dataAreaId eq 'cz'").json["value"]
        assert [row["CustomerGroupId"] for row in elsewhere] == ["10"]
        key = f"{GROUPS}(dataAreaId='cz',CustomerGroupId='10')"
        assert [site.send("GET", key).status, site.send("GET", f"{key}?{CROSS}").status] == [404, 200]
    assert site.send("GET", f"{GROUPS}(dataAreaId='hu',CustomerGroupId='H1')").status == 404


def test_the_session_tells_as_which_user_and_in_which_company_a_caller_works(site: Site, users: Users) -> None:
    robot = an_application("asking")
    users(robot)
    place(site, user_id(site, robot), "hu")
    with working(robot):
        told = site.send("POST", "/api/services/UserSessionService/AifUserSessionService/GetUserSessionInfo", {}).json
    assert (told["UserId"], told["Company"], told["IsSysAdmin"]) == ("asking", "hu", True)


def test_a_job_that_names_no_company_runs_in_the_callers(site: Site, users: Users) -> None:
    robot = an_application("packer")
    users(robot)
    place(site, user_id(site, robot), "hu")
    with working(robot):
        site.send("POST", GROUPS, {"CustomerGroupId": "10"})
        site.import_package(package(csv_file([customer("H-1")])), legalEntityId="")
        assert site.customers("$filter=CustomerAccount eq 'H-1'&$select=dataAreaId")[0]["dataAreaId"] == "hu"


def test_where_nobody_is_asked_the_administrator_works(site: Site) -> None:
    place(site, "Admin", "hu")
    assert site.send("POST", GROUPS, {"CustomerGroupId": "A1"}).json["dataAreaId"] == "hu"
    place(site, "Admin", "")
    assert site.send("POST", GROUPS, {"CustomerGroupId": "A1"}).json["dataAreaId"] == "cz"


def test_a_user_who_is_not_enabled_is_refused(site: Site, users: Users) -> None:
    robot = an_application("idle")
    users(robot)
    site.send("PATCH", f"/data/SystemUsers(UserID='{user_id(site, robot)}')", {"Enabled": False})
    with pytest.raises(AccessRefusedError, match="not enabled") as refused:
        users(robot)
    assert refused.value.status == 403


def test_applications_act_as_users_who_exist_and_stay(site: Site, users: Users) -> None:
    robot = an_application("mapped")
    other = {"UserID": "clerk", "Company": "cz"}
    assert site.send("POST", "/data/SystemUsers", other).status == 201
    mapping = {"AADClientId": robot.login, "Name": "mapped", "UserId": "CLERK"}
    assert site.send("POST", "/data/SysAADClients", {**mapping, "UserId": "nobody"}).status == 400
    assert site.send("POST", "/data/SysAADClients", mapping).json["UserId"] == "clerk"
    users(robot)
    assert user_id(site, robot) == "clerk"
    assert site.send("DELETE", "/data/SystemUsers(UserID='clerk')").status == 400
    assert site.send("PATCH", "/data/SystemUsers(UserID='clerk')", {"Company": "zz"}).status == 400
