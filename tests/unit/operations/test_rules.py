"""The smaller rules: names, birthdays, places, stock, days, addresses."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from p2c.operations.rules.address import formatted
from p2c.operations.rules.days import at_noon
from p2c.operations.rules.party import PartyName, birthday_exists
from p2c.operations.rules.place import Place, default_place
from p2c.operations.rules.stock import Stock


def test_an_organization_needs_its_name_and_a_person_first_and_last_name() -> None:
    """The missing field is named."""
    assert PartyName(party_type="Organization", first="Jan", last="Novák").missing == "OrganizationName"
    assert PartyName(party_type="Person", last="Novák").missing == "PersonFirstName"
    assert PartyName(party_type="Person", first="Jan").missing == "PersonLastName"
    assert PartyName(party_type="Person", first="Jan", last="Novák").missing == ""


def test_the_search_name_is_the_beginning_of_the_name() -> None:
    """Twenty characters, letters with diacritics count as one."""
    assert PartyName(party_type="Organization", organization="Příliš žluťoučký kůň").alias == "Příliš žluťoučký kůň"
    assert PartyName(party_type="Person", first="Jan", middle="K.", last="Novák").alias == "Jan K. Novák"


@pytest.mark.parametrize(
    ("day", "month", "year", "exists"),
    [
        (0, 0, 0, True),
        (29, 2, 0, True),
        (29, 2, 2000, True),
        (29, 2, 1999, False),
        (31, 4, 0, False),
        (31, 0, 0, True),
        (32, 0, 0, False),
        (-1, 1, 2000, False),
        (1, 1, 10000, False),
    ],
)
def test_a_birthday_is_a_date_as_far_as_it_is_known(day: int, month: int, year: int, exists: bool) -> None:
    """0 stands for what is not known."""
    assert birthday_exists(day, month, year) is exists


def test_an_open_place_comes_from_the_first_that_names_one() -> None:
    """Quotation before customer."""
    assert default_place(Place(), Place(), Place("1", "13")) == Place("1", "13")
    assert default_place(Place(), Place("2"), Place("1", "13")) == Place("2")


def test_a_given_site_takes_a_warehouse_of_its_own_only() -> None:
    """The customer's warehouse stands on another site."""
    assert default_place(Place("2"), Place("1", "13")) == Place("2")
    assert default_place(Place("1"), Place("1", "13")) == Place("1", "13")
    assert default_place(Place("", "24"), Place("1", "13")) == Place("", "24")


def test_available_is_what_is_not_reserved() -> None:
    """On hand 10 of which 4 are reserved, 5 on their way of which 1 is."""
    stock = Stock(on_hand=Decimal(10), reserved=Decimal(4), ordered=Decimal(5), reserved_ordered=Decimal(1))
    assert [stock.available, stock.available_ordered, stock.total_available] == [6, 4, 10]
    assert stock.fault == ""


def test_more_cannot_be_reserved_than_there_is() -> None:
    """The field is named."""
    stock = Stock(on_hand=Decimal(1), reserved=Decimal(2), ordered=Decimal(0), reserved_ordered=Decimal(0))
    assert stock.fault == "ReservedOnHandQuantity"


def test_a_day_is_kept_as_its_noon_and_the_empty_date_as_none() -> None:
    """1900-01-01 stands for no date."""
    assert at_noon(datetime(2025, 3, 31, 23, 5, tzinfo=UTC)) == datetime(2025, 3, 31, 12, tzinfo=UTC)
    assert at_noon(datetime(1900, 1, 1, 12, tzinfo=UTC)) is None


def test_an_address_is_written_without_empty_lines() -> None:
    """What is missing leaves no comma behind."""
    assert (
        formatted(street="Dlouhá", number="7", city="Praha", state="", zip_code="110 00", region="CZE")
        == "Dlouhá 7\nPraha, 110 00\nCZE"
    )
    assert formatted(street="", city="", state="", zip_code="", region="CZE") == "CZE"
