"""What contacts and addresses derive from their own columns."""

from __future__ import annotations

from uuid import UUID

import pytest

from p2c.edm.values import Value
from p2c.sales.rules.address import composite
from p2c.sales.rules.contact import full_name, is_company_an_account

COMPANY = UUID(int=1)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("Éva", "Nagy", "Éva Nagy"),
        (None, "Žák", "Žák"),
        ("Jan", None, "Jan"),
        (" Jan ", " Novák", "Jan Novák"),
        (None, None, None),
    ],
)
def test_the_full_name_is_first_name_then_last_name(first: str, last: str, expected: str) -> None:
    """Missing parts leave no blanks, diacritics stay."""
    assert full_name(first, last) == expected


@pytest.mark.parametrize(
    ("parent", "parent_type", "expected"),
    [(COMPANY, "account", True), (COMPANY, "contact", False), (None, None, False), (None, "account", False)],
)
def test_only_an_account_makes_the_company_an_account(parent: Value, parent_type: Value, expected: bool) -> None:
    """A contact whose company is a contact, or who has none, stays in Sales."""
    assert is_company_an_account(parent, parent_type) is expected


def test_a_full_address_has_a_line_for_each_part() -> None:
    """City, state and postal code share a line."""
    address: dict[str, Value] = {
        "address1_line1": "Václavské náměstí 1",
        "address1_line2": "2. patro",
        "address1_city": "Praha",
        "address1_stateorprovince": "Praha 1",
        "address1_postalcode": "110 00",
        "address1_country": "Česko",
    }
    expected = "Václavské náměstí 1\r\n2. patro\r\nPraha, Praha 1 110 00\r\nČesko"
    assert composite("address1", address.get) == expected


def test_parts_that_are_missing_leave_no_trace() -> None:
    """No empty lines, no lonely commas."""
    address: dict[str, Value] = {"shipto_city": "Brno", "shipto_line1": " "}
    assert composite("shipto", address.get) == "Brno"


def test_an_address_without_parts_has_no_composite() -> None:
    """The column is empty, not an empty text."""
    nothing: dict[str, Value] = {}
    assert composite("billto", nothing.get) is None
