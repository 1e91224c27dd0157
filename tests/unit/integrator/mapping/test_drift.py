"""What differs in an entity from the last run, and whether a map uses it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from p2c.integrator.mapping.drift import differences, fields_of, type_name
from p2c.integrator.mapping.parse import parse_template
from p2c.integrator.mapping.uses import destination_uses, source_uses
from tests.unit.integrator.mapping.environments import ACCOUNT, MODELS
from tests.unit.integrator.mapping.test_check import GOOD

FIELDS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["String", "Int32", "lookup"]), min_size=1)
LEG = parse_template(GOOD).tasks[0].legs[0]


def test_each_difference_says_what_happened() -> None:
    before = {"name": "String", "limit": "Int32", "fax": "String"}
    now = {"name": "String", "limit": "Decimal", "phone": "String"}
    assert [str(item) for item in differences("accounts", before, now)] == [
        "accounts has no field fax any more (it was String)",
        "accounts: field limit was Int32 and is Decimal now",
        "accounts has a new field phone (String)",
    ]


def test_an_entity_that_is_gone_is_one_difference() -> None:
    (gone,) = differences("accounts", {"name": "String", "fax": "String"}, fields_of(None))
    assert str(gone) == "there is no entity accounts any more"
    assert gone.breaks({("accounts", "name")})
    assert not gone.breaks({("contacts", "name")})


def test_only_what_was_there_and_is_used_breaks_a_map() -> None:
    lost, retyped, new = differences("a", {"x": "String", "y": "Int32"}, {"y": "String", "z": "String"})
    everything = {("a", "x"), ("a", "y"), ("a", "z")}
    assert [item.breaks(everything) for item in (lost, retyped, new)] == [True, True, False]
    assert not lost.breaks({("a", "y"), ("b", "x")})


@given(FIELDS)
def test_an_entity_does_not_differ_from_itself(fields: dict[str, str]) -> None:
    assert differences("a", fields, dict(fields)) == []


@given(FIELDS, FIELDS)
def test_differences_lead_from_the_one_to_the_other(before: dict[str, str], now: dict[str, str]) -> None:
    reached = dict(before)
    for item in differences("a", before, now):
        if item.now:
            reached[item.field] = item.now
        else:
            del reached[item.field]
    assert reached == now


def test_types_are_one_word() -> None:
    words = {item.name: type_name(item) for item in ACCOUNT.properties}
    assert words["name"] == "String"
    assert words["transactioncurrencyid"] == "lookup"


def test_a_map_uses_keys_fields_conditions_and_what_stands_behind_lookups() -> None:
    assert source_uses(LEG, MODELS["sales"]) == {
        ("accounts", "accountnumber"),
        ("accounts", "name"),
        ("accounts", "statecode"),
        ("accounts", "transactioncurrencyid"),
        ("transactioncurrencies", "isocurrencycode"),
        ("accounts", "address1_country"),
        ("accounts", "creditlimit"),
        ("accounts", "birthdate"),
    }
    assert ("CustomersV2", "CreditLimit") in destination_uses(LEG, MODELS["operations"])
    assert ("CustomersV2", "OrganizationName") in destination_uses(LEG, MODELS["operations"])


def test_a_map_uses_what_is_not_there_any_more() -> None:
    gone = parse_template(GOOD.replace("from: creditlimit", "from: creditlimit2")).tasks[0].legs[0]
    assert ("accounts", "creditlimit2") in source_uses(gone, MODELS["sales"])
