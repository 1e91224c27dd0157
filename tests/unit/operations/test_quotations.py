"""Quotations are checked, completed and summed by Operations itself."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from p2c.edm.change import ProblemKind
from p2c.edm.values import Row, Value
from tests.unit.operations.memory import WANTED_DAY, Operations, a_company, a_line, a_quotation, own


@pytest.fixture
def operations() -> Operations:
    company = a_company()
    assert company.create("sales_quotation", a_quotation()) == [None]
    return company


def header(operations: Operations, *columns: str) -> tuple[Value, ...]:
    row = operations.one("sales_quotation", own(SalesQuotationNumber="QUO-1"))
    return tuple(row[column] for column in columns)


def line(operations: Operations, number: int = 1) -> Row:
    return operations.one("sales_quotation_line", own(LineCreationSequenceNumber=number))


@pytest.mark.parametrize(
    ("values", "field", "kind"),
    [
        (
            {"RequestingCustomerAccountNumber": "ACC-9"},
            "RequestingCustomerAccountNumber",
            ProblemKind.LOOKUP_MISSING,
        ),
        (
            {"InvoiceCustomerAccountNumber": "ACC-9"},
            "InvoiceCustomerAccountNumber",
            ProblemKind.LOOKUP_MISSING,
        ),
        ({"CurrencyCode": "XXX"}, "CurrencyCode", ProblemKind.LOOKUP_MISSING),
        ({"RequestedShippingDate": None}, "RequestedShippingDate", ProblemKind.REQUIRED),
        (
            {"RequestedShippingDate": datetime(1900, 1, 1, 12, tzinfo=UTC)},
            "RequestedShippingDate",
            ProblemKind.REQUIRED,
        ),
        ({"DefaultShippingSiteId": "9"}, "DefaultShippingSiteId", ProblemKind.LOOKUP_MISSING),
        ({"DefaultShippingWarehouseId": "99"}, "DefaultShippingWarehouseId", ProblemKind.LOOKUP_MISSING),
        ({"TotalDiscountPercentage": Decimal(101)}, "TotalDiscountPercentage", ProblemKind.OUT_OF_RANGE),
    ],
)
def test_a_wrong_quotation_is_refused(operations: Operations, values: Row, field: str, kind: ProblemKind) -> None:
    """The error names the field."""
    (problem,) = operations.create("sales_quotation", {**a_quotation(SalesQuotationNumber="QUO-2"), **values})
    assert problem is not None
    assert (problem.field, problem.kind) == (field, kind)


def test_a_quotation_takes_over_what_the_customer_has(operations: Operations) -> None:
    """Language, name, place, and who pays."""
    assert header(
        operations,
        "LanguageId",
        "DeliveryAddressName",
        "DefaultShippingSiteId",
        "DefaultShippingWarehouseId",
        "InvoiceCustomerAccountNumber",
    ) == ("cs", "Žluťoučký kůň s.r.o.", "1", "13", "ACC-1")


def test_totals_of_the_client_are_ignored(operations: Operations) -> None:
    """They are Operations' own, on creation and later."""
    operations.create("sales_quotation", a_quotation(SalesQuotationNumber="QUO-2", QuotationTotalAmount=Decimal(999)))
    where = own(SalesQuotationNumber="QUO-2")
    assert operations.one("sales_quotation", where)["QuotationTotalAmount"] == 0
    assert operations.change("sales_quotation", where, {"QuotationTotalAmount": Decimal(999)}) is None
    assert operations.one("sales_quotation", where)["QuotationTotalAmount"] == 0


def test_totals_follow_lines_that_come_change_and_go(operations: Operations) -> None:
    """One header, three moves."""
    operations.create("sales_quotation_line", a_line(1), a_line(2, RequestedSalesQuantity=Decimal(1)))
    assert header(operations, "QuotationTotalAmount", "AreTotalsCalculated") == (400, "Yes")
    operations.change("sales_quotation_line", own(LineCreationSequenceNumber=1), {"RequestedSalesQuantity": Decimal(5)})
    assert header(operations, "QuotationTotalAmount") == (600,)
    assert operations.delete("sales_quotation_line", own(LineCreationSequenceNumber=2)) is None
    assert header(operations, "QuotationTotalAmount") == (500,)


def test_the_discount_of_the_whole_quotation_comes_off_the_sum(operations: Operations) -> None:
    """10 % of 300, and the discount of the line counts as well."""
    operations.create("sales_quotation_line", a_line(LineDiscountAmount=Decimal(1)))
    operations.change("sales_quotation", own(), {"TotalDiscountPercentage": Decimal(10)})
    assert header(operations, "TotalDiscountAmount", "QuotationTotalDiscountAmount", "QuotationTotalAmount") == (
        Decimal("29.70"),
        Decimal("32.70"),
        Decimal("267.30"),
    )


def test_a_discount_on_the_whole_line_is_split_and_its_net_is_exact(operations: Operations) -> None:
    """10.00 off 3 x 100."""
    operations.create("sales_quotation_line", a_line(TotalDiscountAmount=Decimal("10.00")))
    saved = line(operations)
    assert (saved["LineDiscountAmount"], saved["FixedPriceCharges"]) == (Decimal("3.33"), Decimal("-0.01"))
    assert (saved["LineAmount"], saved["TotalDiscountAmount"], saved["TotalChargesAmount"]) == (290, 10, 0)


def test_sending_a_line_again_as_it_is_changes_no_amount(operations: Operations) -> None:
    """Discounts are not taken twice, percentages included."""
    operations.create(
        "sales_quotation_line",
        a_line(TotalDiscountAmount=Decimal("10.00"), LineDiscountPercentage=Decimal(5)),
    )
    before = dict(line(operations))
    operations.change("sales_quotation_line", own(), before)
    assert line(operations) == before


def test_a_unit_discount_stands_beside_a_discount_of_nought(operations: Operations) -> None:
    """Clients that think in unit discounts leave the other at 0."""
    operations.create(
        "sales_quotation_line",
        a_line(LineDiscountAmount=Decimal("2.50"), TotalDiscountAmount=Decimal(0)),
    )
    assert line(operations)["LineAmount"] == Decimal("292.50")


def test_a_discount_set_to_nought_is_gone(operations: Operations) -> None:
    """The unit discount and the charge go with it."""
    operations.create("sales_quotation_line", a_line(TotalDiscountAmount=Decimal("10.00")))
    operations.change("sales_quotation_line", own(), {"TotalDiscountAmount": Decimal(0)})
    assert line(operations)["LineAmount"] == 300


def test_a_price_that_is_not_given_is_the_products_and_nought_is_a_gift(operations: Operations) -> None:
    """Not sent and 0 are different things."""
    unpriced = {key: value for key, value in a_line(1).items() if key != "SalesPrice"}
    operations.create("sales_quotation_line", unpriced, a_line(2, SalesPrice=Decimal(0)))
    assert (line(operations, 1)["LineAmount"], line(operations, 2)["LineAmount"]) == (300, 0)


def test_amounts_are_rounded_to_the_currency_of_the_quotation(operations: Operations) -> None:
    """Turned into forints, the crowns and hellers become whole."""
    operations.create("sales_quotation_line", a_line(SalesPrice=Decimal("33.50")))
    assert line(operations)["LineAmount"] == Decimal("100.50")
    operations.change("sales_quotation", own(), {"CurrencyCode": "HUF"})
    assert line(operations)["LineAmount"] == 101
    assert header(operations, "QuotationTotalAmount") == (101,)


def test_a_line_is_completed_from_product_and_quotation(operations: Operations) -> None:
    """Unit, name, place, date, and a lot of its own."""
    operations.create("sales_quotation_line", a_line(1), a_line(2))
    saved = line(operations)
    assert (saved["SalesUnitSymbol"], saved["ProductName"]) == ("ea", "Židle")
    assert (saved["ShippingSiteId"], saved["ShippingWarehouseId"]) == ("1", "13")
    assert saved["RequestedShippingDate"] == WANTED_DAY
    assert saved["InventoryLotId"] != line(operations, 2)["InventoryLotId"]


@pytest.mark.parametrize(
    ("values", "field", "kind"),
    [
        ({"SalesQuotationNumber": "QUO-9"}, "SalesQuotationNumber", ProblemKind.LOOKUP_MISSING),
        ({"ProductNumber": "P9"}, "ProductNumber", ProblemKind.LOOKUP_MISSING),
        ({"SalesUnitSymbol": "crate"}, "SalesUnitSymbol", ProblemKind.LOOKUP_MISSING),
        ({"ShippingSiteId": "9"}, "ShippingSiteId", ProblemKind.LOOKUP_MISSING),
        ({"ShippingSiteId": "1", "ShippingWarehouseId": "24"}, "ShippingWarehouseId", ProblemKind.RULE),
        ({"LineDiscountPercentage": Decimal(-1)}, "LineDiscountPercentage", ProblemKind.OUT_OF_RANGE),
        (
            {"RequestedSalesQuantity": Decimal(0), "TotalDiscountAmount": Decimal(1)},
            "TotalDiscountAmount",
            ProblemKind.RULE,
        ),
    ],
)
def test_a_wrong_line_is_refused_and_counts_for_nothing(
    operations: Operations, values: Row, field: str, kind: ProblemKind
) -> None:
    """The total is that of the good line beside it."""
    wrong, good = operations.create("sales_quotation_line", {**a_line(1), **values}, a_line(2))
    assert wrong is not None
    assert (wrong.field, wrong.kind) == (field, kind)
    assert good is None
    assert header(operations, "QuotationTotalAmount") == (300,)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"ItemModelGroupId": ""}, "ItemModelGroupId is empty"),
        ({"IsSalesStopped": "Yes"}, "sales are stopped"),
    ],
)
def test_a_product_that_cannot_be_sold_is_refused_with_the_reason(
    operations: Operations, values: Row, reason: str
) -> None:
    """New lines only: one that is there already can still be changed."""
    operations.create("sales_quotation_line", a_line(1))
    operations.change("released_product", own(ItemNumber="P1"), values)
    (problem,) = operations.create("sales_quotation_line", a_line(2))
    assert problem is not None
    assert reason in problem.message
    changed = operations.change("sales_quotation_line", own(), {"RequestedSalesQuantity": Decimal(1)})
    assert changed is None


def test_a_stocked_product_needs_a_site_from_somewhere() -> None:
    """Neither line, quotation nor customer names one."""
    operations = a_company()
    operations.change("customer", own(CustomerAccount="ACC-1"), {"SiteId": "", "WarehouseId": ""})
    operations.create("sales_quotation", a_quotation())
    (problem,) = operations.create("sales_quotation_line", a_line())
    assert problem is not None
    assert problem.field == "ShippingSiteId"


def test_lines_go_with_their_quotation_and_free_the_customer(operations: Operations) -> None:
    """A customer with a quotation stays; without it goes."""
    operations.create("sales_quotation_line", a_line())
    problem = operations.delete("customer", own(CustomerAccount="ACC-1"))
    assert problem is not None
    assert problem.kind is ProblemKind.IN_USE
    assert operations.delete("sales_quotation", own(SalesQuotationNumber="QUO-1")) is None
    assert operations.every("sales_quotation_line", {}) == []
    assert operations.delete("customer", own(CustomerAccount="ACC-1")) is None


def test_lines_of_many_quotations_take_as_many_queries_as_one_line(operations: Operations) -> None:
    """No query a row."""
    operations.create("sales_quotation", *(a_quotation(SalesQuotationNumber=f"Q{number}") for number in range(100)))
    counts = []
    for batch in (1, 100):
        before = operations.session.queries
        operations.create(
            "sales_quotation_line",
            *(a_line(batch, SalesQuotationNumber=f"Q{number}") for number in range(batch)),
        )
        counts.append(operations.session.queries - before)
    assert counts[0] == counts[1]
