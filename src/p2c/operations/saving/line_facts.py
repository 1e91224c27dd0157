"""What sales quotation lines depend on, fetched once for a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from p2c.database.session import Session
from p2c.edm.change import Change
from p2c.edm.keys import folded
from p2c.edm.values import Row
from p2c.operations.rules.rounding import Rounding
from p2c.operations.saving.currencies import sales_rounding
from p2c.operations.saving.pointers import Key, Pointer, customer, found
from p2c.operations.saving.sellable import Surroundings, surroundings
from p2c.operations.saving.values import text_of

QUOTATION = Pointer(
    "SalesQuotationNumber", "sales_quotation", "SalesQuotationNumber", "quotation", "SalesQuotationHeaders"
)
PRODUCT = Pointer("ProductNumber", "released_product", "ProductNumber", "released product", "ReleasedProductsV2")
CUSTOMER = customer("RequestingCustomerAccountNumber")
DELIVERY_COLUMNS = tuple(
    f"DeliveryAddress{part}"
    for part in (
        "Name",
        "Description",
        "Street",
        "StreetNumber",
        "City",
        "StateId",
        "ZipCode",
        "CountyId",
        "CountryRegionId",
        "CountryRegionISOCode",
    )
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the lines of a batch depend on."""

    quotations: Mapping[Key, Row]
    customers: Mapping[Key, Row]
    products: Mapping[Key, Row]
    around: Surroundings
    roundings: Mapping[str, Rounding]


def fetch(changes: Sequence[Change], session: Session) -> Facts:
    """The facts of these lines, one query each."""
    quotations = found(
        session,
        QUOTATION.table,
        QUOTATION.columns,
        map(QUOTATION.key, changes),
        (
            CUSTOMER.column,
            "CurrencyCode",
            "DefaultShippingSiteId",
            "DefaultShippingWarehouseId",
            "RequestedShippingDate",
            "DeliveryModeCode",
            "DeliveryTermsCode",
            "SalesQuotationStatus",
            "IsDeliveryAddressOrderSpecific",
            *DELIVERY_COLUMNS,
        ),
    )
    headers = list(quotations.values())
    keys = {PRODUCT.key(change) for change in changes}
    products = session.match(PRODUCT.table, PRODUCT.columns, keys) if keys else []
    return Facts(
        quotations=quotations,
        customers=found(session, "customer", CUSTOMER.columns, map(CUSTOMER.key, headers), ("SiteId", "WarehouseId")),
        products={folded(tuple(row[column] for column in PRODUCT.columns)): row for row in products},
        around=surroundings(products, session),
        roundings=sales_rounding(session, (text_of(header, "CurrencyCode") for header in headers)),
    )
