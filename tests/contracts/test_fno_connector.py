"""Recurring integration: files are enqueued, packages dequeued, acknowledged and given out again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from tests.contracts.operations_site import Site, csv_file, customer, package

CONNECTOR = "/api/connector"


@pytest.fixture(scope="module")
def site(database_url: Callable[[str], str]) -> Iterator[Site]:
    """Operations, shared by the tests of the module."""
    running = Site(database_url("connector"))
    yield running
    running.close()


def recurring(site: Site, **values: object) -> str:
    """A recurring job over a project of its own with customers."""
    activity = str(uuid4())
    site.export_project(activity, "Customers V2", **values)
    job = {"ActivityId": activity, "DefinitionGroupId": activity, "LegalEntityId": "cz"}
    answer = site.send("POST", "/data/RecurringDataJobs", job)
    assert answer.status == 201, answer.body
    return activity


def state(site: Site, activity: str, message: str) -> str:
    """How far a message is."""
    detail = site.send("GET", f"{CONNECTOR}/jobstatus/{activity}?jobId={message}").json
    assert site.act("GetMessageStatus", messageId=message) == detail["DataJobStatus"]["DataJobState"]
    return str(detail["DataJobStatus"]["DataJobState"])


def test_a_lone_file_is_imported_into_the_company_asked_for(site: Site) -> None:
    activity = recurring(site)
    url = f"{CONNECTOR}/enqueue/{activity}?entity=Customers%20V2&company=cz"
    answer = site.send("POST", url, csv_file([customer("Q-1"), customer("Q-2", CREDITLIMIT="-5")]))
    assert answer.status == 200
    site.settle()
    message = answer.json
    assert state(site, activity, message) == "ProcessedWithErrors"
    assert site.customers("$filter=CustomerAccount eq 'Q-1'")
    detail = site.send("GET", f"{CONNECTOR}/jobstatus/{activity}?jobId={message}").json
    assert "Q-2" in detail["ExecutionLog"]
    execution = site.act("GetExecutionIdByMessageId", _messageId=message)
    assert site.status(execution) == "PartiallySucceeded"


def test_a_package_is_imported_whole(site: Site) -> None:
    activity = recurring(site)
    answer = site.send("POST", f"{CONNECTOR}/enqueue/{activity}", package(csv_file([customer("Q-3")])))
    site.settle()
    assert state(site, activity, answer.json) == "Processed"


def test_changes_are_dequeued_fetched_and_acknowledged_once(site: Site) -> None:
    activity = recurring(site, DefaultRefreshType="IncrementalPush")
    site.send("POST", f"{CONNECTOR}/enqueue/{activity}?entity=Customers%20V2", csv_file([customer("Q-4")]))
    site.settle()
    given = site.send("GET", f"{CONNECTOR}/dequeue/{activity}").json
    fetched = site.send("GET", given["DownloadLocation"])
    assert b"Q-4" in zipfile.ZipFile(io.BytesIO(fetched.body)).read("Customers V2.csv")
    assert site.send("GET", f"{CONNECTOR}/dequeue/{activity}").status == 204
    assert site.send("POST", f"{CONNECTOR}/ack/{activity}", given).status == 200
    assert site.send("POST", f"{CONNECTOR}/ack/{activity}", given).status == 400


def test_a_message_that_nobody_acknowledges_comes_back_after_thirty_minutes(site: Site) -> None:
    """The old receipt is worth nothing then."""
    activity = recurring(site, DefaultRefreshType="IncrementalPush")
    site.send("POST", f"{CONNECTOR}/enqueue/{activity}?entity=Customers%20V2", csv_file([customer("Q-5")]))
    site.settle()
    first = site.send("GET", f"{CONNECTOR}/dequeue/{activity}").json
    table = site.operations.management.tables.message
    with site.operations.service.database.engine.begin() as connection:
        visible = table.c.visible - timedelta(minutes=31)
        connection.execute(update(table).where(table.c.id == first["CorrelationId"]).values(visible=visible))
    second = site.send("GET", f"{CONNECTOR}/dequeue/{activity}").json
    assert second["CorrelationId"] == first["CorrelationId"]
    assert site.send("POST", f"{CONNECTOR}/ack/{activity}", first).status == 400
    assert site.send("POST", f"{CONNECTOR}/ack/{activity}", second).status == 200


def test_unknown_activities_entities_and_bad_packages_are_refused(site: Site) -> None:
    activity = recurring(site)
    for url, body, reason in (
        (f"{CONNECTOR}/enqueue/{uuid4()}", b"x", "no enabled recurring job"),
        (f"{CONNECTOR}/enqueue/{activity}?entity=Nothing", b"x", "does not exist in the target environment"),
        (f"{CONNECTOR}/enqueue/{activity}?entity=Warehouses", b"x", "has no entity Warehouses"),
        (f"{CONNECTOR}/enqueue/{activity}", b"PK\x03\x04 broken", "no zip file"),
        (f"{CONNECTOR}/ack/{activity}", b"{}", "send back the JSON"),
    ):
        answer = site.send("POST", url, body)
        assert answer.status == 400, url
        assert reason in answer.json["error"]["innererror"]["message"]
    for message in ("none", "%00"):
        assert site.send("GET", f"{CONNECTOR}/jobstatus/{activity}?jobId={message}").status == 400
