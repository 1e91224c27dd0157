"""Columns find their fields before anything is sent; what does not fit is told with the nearest right name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from p2c.errors import ConfigurationError
from p2c.sales.model import MODEL
from p2c.wiring.loading.file import CsvFile
from p2c.wiring.loading.plan import Lookup, Plan, find_entity, make_plan

ACCOUNTS = MODEL.entity["account"]


def plan(
    columns: Sequence[str],
    maps: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
    key: Sequence[str] = (),
    only_mapped: bool = False,
) -> Plan:
    """A plan for accounts from a file with these columns."""
    file = CsvFile(Path("rows.csv"), tuple(columns), (), ",")
    return make_plan(
        MODEL, ACCOUNTS, file, maps=maps or {}, constants=constants or {}, key=key, only_mapped=only_mapped
    )


def test_columns_named_as_fields_need_no_map() -> None:
    """The account number is an alternate key, so it addresses the rows."""
    made = plan(["accountnumber", "name"])
    assert set(made.fields) == {"accountnumber", "name"}
    assert made.key == ("accountnumber",)


def test_the_entitys_own_key_comes_before_an_alternate_key() -> None:
    """Both are filled; ids do not change."""
    assert plan(["accountid", "accountnumber", "name"]).key == ("accountid",)


def test_a_mapped_column_goes_where_the_map_says_and_an_empty_field_leaves_it_out() -> None:
    """The other columns are taken by their names."""
    made = plan(["Number", "name", "junk"], {"Number": "accountnumber", "junk": ""})
    assert {name: source.place for name, source in made.fields.items()} == {"accountnumber": 0, "name": 1}


def test_only_mapped_columns_are_taken_when_asked_for() -> None:
    """Files of other systems have many columns."""
    assert set(plan(["a", "b"], {"a": "accountnumber"}, only_mapped=True).fields) == {"accountnumber"}


def test_a_constant_fills_a_field_of_every_row() -> None:
    """It may also fill a lookup."""
    made = plan(["accountnumber"], constants={"fax": "1", "transactioncurrencyid.isocurrencycode": "EUR"})
    assert made.fields["fax"].text(["x"]) == "1"
    assert list(made.lookups) == [Lookup("transactioncurrencyid", "transactioncurrency", "isocurrencycode")]


def test_a_lookup_to_several_entities_names_the_one_it_means() -> None:
    """The owner is a user or a team."""
    made = plan(["accountnumber", "who"], {"who": "ownerid.systemuser.domainname"})
    assert list(made.lookups) == [Lookup("ownerid", "systemuser", "domainname")]


@pytest.mark.parametrize(
    ("columns", "maps", "message"),
    [
        (["accountnumber", "nam"], {}, "no field 'nam'.*did you mean 'name'"),
        (["accountnumber", "name"], {"nme": "name"}, "no column 'nme'.*did you mean 'name'"),
        (["accountnumber", "a"], {"a": "transactioncurrency.isocurrencycode"}, "did you mean 'transactioncurrencyid'"),
        (["accountnumber", "a"], {"a": "transactioncurrencyid.isocode"}, "did you mean 'isocurrencycode'"),
        (["accountnumber", "a"], {"a": "ownerid.domainname"}, r"ownerid\.systemuser\.FIELD"),
        (["accountnumber", "a"], {"a": "accountnumber"}, "filled twice"),
        (["accountnumber", "createdon"], {}, "read-only"),
        (["name"], {}, r"no key of accounts is filled: \(accountid\)"),
    ],
    ids=["field", "column", "lookup", "field of a lookup", "which entity", "twice", "read-only", "no key"],
)
def test_what_does_not_fit_is_refused_with_the_way_out(columns: list[str], maps: dict[str, str], message: str) -> None:
    """Before the first row is sent."""
    with pytest.raises(ConfigurationError, match=message):
        plan(columns, maps)


def test_the_same_lookup_cannot_be_filled_twice() -> None:
    """Even by different fields of the other row."""
    maps = {"a": "transactioncurrencyid.isocurrencycode", "b": "transactioncurrencyid.currencyname"}
    with pytest.raises(ConfigurationError, match="filled twice"):
        plan(["accountnumber", "a", "b"], maps)


def test_an_entity_is_found_by_its_set_or_its_own_name() -> None:
    """And an unknown one is told with the nearest set."""
    assert find_entity(MODEL, "accounts") is find_entity(MODEL, "account")
    with pytest.raises(ConfigurationError, match="did you mean 'accounts'"):
        find_entity(MODEL, "acounts")
