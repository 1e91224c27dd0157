"""`p2c connection catalog`: what an environment has, as it says itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest
from typer.testing import CliRunner, Result

from p2c.cli.main import app
from tests.e2e.served import Serving

P2c: TypeAlias = Callable[..., Result]


@pytest.fixture(scope="module")
def p2c(tmp_path_factory: pytest.TempPathFactory) -> Iterator[P2c]:
    """The command over a data directory whose services run."""
    data = tmp_path_factory.mktemp("catalogue")
    environment = {"P2C_DATA": str(data), "COLUMNS": "140", "P2C_LANGUAGE": "en"}

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, list(words), env=environment)

    with Serving(data, "sales", "operations", "commondata"):
        assert run("setup").exit_code == 0
        yield run


def fields(p2c: P2c, *words: str) -> dict[str, dict[str, object]]:
    """The fields that a catalogue lists, by name."""
    shown = p2c("connection", "catalog", *words, "--json")
    assert shown.exit_code == 0, shown.output
    return {item["name"]: item for item in json.loads(shown.stdout)}


def test_entities_are_listed_with_their_keys(p2c: P2c) -> None:
    listed = json.loads(p2c("connection", "catalog", "operations", "--json").stdout)
    (customers,) = [item for item in listed if item["entity_set"] == "CustomersV2"]
    assert customers["keys"][0] == ["dataAreaId", "CustomerAccount"]
    assert customers["writable"] is True


def test_fields_of_sales_have_type_need_targets_and_choices(p2c: P2c) -> None:
    found = fields(p2c, "sales", "accounts")
    assert (found["accountid"]["type"], found["accountid"]["key"]) == ("Guid", True)
    assert (found["name"]["type"], found["name"]["max_length"], found["name"]["required"]) == ("String", 160, True)
    assert found["accountnumber"]["required"] is False
    assert found["primarycontactid"]["type"] == "lookup"
    assert found["primarycontactid"]["targets"] == ["contact"]
    assert {"value": 1, "name": "Inactive"} in found["statecode"]["choices"]  # type: ignore[operator]
    assert {"value": 1, "name": "Competitor"} in found["customertypecode"]["choices"]  # type: ignore[operator]
    assert found["modifiedon"]["writable"] is False


def test_fields_of_operations_have_enum_members(p2c: P2c) -> None:
    found = fields(p2c, "operations", "CustomersV2")
    assert found["CustomerAccount"]["key"] is True
    assert found["CustomerGroupId"]["required"] is True
    assert found["OrganizationName"]["required"] is False
    assert "Yes" in [one["name"] for one in found["IsExternallyMaintained"]["choices"]]  # type: ignore[attr-defined]


def test_the_hub_has_a_catalogue_too(p2c: P2c) -> None:
    assert fields(p2c, "commondata", "Accounts")


def test_people_read_a_table(p2c: P2c) -> None:
    shown = p2c("connection", "catalog", "sales", "accounts").output
    (name,) = [line for line in shown.splitlines() if line.startswith("name ")]
    assert name.split() == ["name", "String", "160", "required"]


def test_an_unknown_entity_is_told_with_the_nearest(p2c: P2c) -> None:
    tried = p2c("connection", "catalog", "sales", "acounts")
    assert tried.exit_code == 3
    assert "did you mean 'accounts'?" in tried.stderr


def test_what_was_never_met_cannot_be_accepted(p2c: P2c) -> None:
    tried = p2c("connection", "accept", "sales", "acounts")
    assert tried.exit_code == 3
    assert "no run has met acounts there" in tried.stderr
    assert p2c("connection", "accept", "sales").exit_code == 0
