"""Roles add up to rights: the widest level counts, and acting for another leaves what both may."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.errors import ConfigurationError
from p2c.identity.principals import Grant
from p2c.identity.roles import parse_grant, rights_of
from p2c.odata.service.access import ALL_RIGHTS, ANY_TABLE, Level, Privilege, Rights

TABLES = st.sampled_from(["account", "quote", "other", ANY_TABLE])
KEYS = st.tuples(TABLES, st.sampled_from(Privilege))
RIGHTS = st.builds(Rights, st.dictionaries(KEYS, st.sampled_from(Level)), st.booleans())


def test_a_salesperson_writes_the_own_units_quotes_and_reads_products() -> None:
    rights = rights_of("sales", ["Salesperson"])
    assert rights.level("quote", Privilege.WRITE) is Level.BUSINESS_UNIT
    assert rights.level("product", Privilege.READ) is Level.ORGANIZATION
    assert rights.level("product", Privilege.WRITE) is Level.NONE


def test_several_roles_give_what_each_of_them_gives() -> None:
    rights = rights_of("sales", ["Salesperson", "Sales Manager"])
    assert rights.level("quote", Privilege.WRITE) is Level.ORGANIZATION


def test_a_clerk_keeps_customers_and_only_looks_at_products() -> None:
    rights = rights_of("operations", ["Sales clerk"])
    assert rights.level("customer", Privilege.CREATE) is Level.ORGANIZATION
    assert rights.level("released_product", Privilege.READ) is Level.ORGANIZATION
    assert rights.level("released_product", Privilege.CREATE) is Level.NONE


def test_unknown_roles_give_nothing() -> None:
    assert rights_of("sales", ["Emperor"]) == Rights()
    assert rights_of("elsewhere", ["Reader"]) == Rights()


@given(RIGHTS, RIGHTS, st.sampled_from(["account", "quote", "other", "unnamed"]), st.sampled_from(Privilege))
def test_rights_together_are_the_wider_and_rights_in_common_the_narrower(
    one: Rights, other: Rights, table: str, privilege: Privilege
) -> None:
    first, second = one.level(table, privilege), other.level(table, privilege)
    assert (one | other).level(table, privilege) == max(first, second)
    assert (one & other).level(table, privilege) == min(first, second)


def test_administrators_may_all() -> None:
    assert all(ALL_RIGHTS.level("any", privilege) is Level.ORGANIZATION for privilege in Privilege)


def test_a_grant_is_read_in_any_case() -> None:
    assert parse_grant("sales=salesperson") == Grant("sales", "Salesperson")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("sale=Reader", "did you mean 'sales'"),
        ("sales=Sales person", "did you mean 'Salesperson'"),
        ("sales", "no role"),
    ],
)
def test_a_wrong_grant_is_refused_with_the_nearest_right_one(words: str, hint: str) -> None:
    with pytest.raises(ConfigurationError, match=hint):
        parse_grant(words)
