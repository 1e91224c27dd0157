"""Quotes that Sales activates and the flow leaves behind, one of each kind."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from p2c.sales.sample.customers import Customer
from p2c.sales.sample.prices import BASE_UNIT, OWN_PRODUCT
from p2c.sales.sample.quote_rows import catalogue_line, deliver_on, header, line
from p2c.sales.sample.wrong import (
    OTHER_COMPANYS_PRODUCT_QUOTE,
    OWN_PRODUCT_QUOTE,
    REFUSED_CUSTOMER_QUOTE,
    SELLER,
    UNKNOWN_COUNTRY,
    WRITE_IN_QUOTE,
    wrong_account_id,
)
from p2c.sample_catalogue import not_sold_by, sold_by

_DELIVERY = date(2026, 12, 15)


def wrong_quotes(seed: int, customer: Customer) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Drafts and lines; each is complete enough to be activated. `customer` is one that is in order."""
    drafts = [
        header(seed, name, name, SELLER, buyer, customer.row)
        for name, buyer in (
            (WRITE_IN_QUOTE, (customer.entity, customer.id)),
            (OWN_PRODUCT_QUOTE, (customer.entity, customer.id)),
            (REFUSED_CUSTOMER_QUOTE, ("account", wrong_account_id(seed, UNKNOWN_COUNTRY))),
            (OTHER_COMPANYS_PRODUCT_QUOTE, (customer.entity, customer.id)),
        )
    ]
    for draft in drafts:
        deliver_on(draft, _DELIVERY)
    write_in, own_product, refused_customer, other_company = drafts
    good = sold_by(SELLER.company)[0]
    lines = [
        catalogue_line(seed, write_in, 1, 5, good),
        {
            **line(seed, write_in, 2, 1, None, BASE_UNIT),
            "isproductoverridden": True,
            "productdescription": "Ruční práce podle domluvy",
            "priceperunit": Decimal("1500.00"),
        },
        catalogue_line(seed, own_product, 1, 3, good),
        line(seed, own_product, 2, 1, OWN_PRODUCT, BASE_UNIT),
        catalogue_line(seed, refused_customer, 1, 2, good),
        {
            **catalogue_line(seed, other_company, 1, 4, not_sold_by(SELLER.company)),
            "ispriceoverridden": True,
            "priceperunit": Decimal("250.00"),
        },
    ]
    for row in lines:
        deliver_on(row, _DELIVERY)
    return drafts, lines
