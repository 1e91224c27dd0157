"""A quote and a quote line as rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from p2c.sales.sample.identity import guid, reference
from p2c.sales.sample.prices import UNIT_NAMES, price_list, unit
from p2c.sales.sample.setup import Seller, owner
from p2c.sample_catalogue import Traded

_ADDRESS = ("line1", "city", "stateorprovince", "postalcode", "country")


def header(
    seed: int,
    key: object,
    name: str,
    seller: Seller,
    customer: tuple[str, str],
    address: Mapping[str, object],
) -> dict[str, object]:
    """
    A draft in the currency of the seller's company.

    Args:
        customer: Entity and primary key of an account or contact.
        address: The customer's row, whose first address is shipped to.
    """
    entity, customer_id = customer
    return {
        "quoteid": guid(seed, "quote", key),
        "name": name,
        f"customerid_{entity}@odata.bind": reference(f"{entity}s", customer_id),
        "pricelevelid@odata.bind": price_list(seed, seller.company.currency),
        "ownerid@odata.bind": owner(seed, seller),
        **{f"shipto_{part}": address[f"address1_{part}"] for part in _ADDRESS},
    }


def line(
    seed: int, quote: Mapping[str, object], number: int, quantity: int, product: str | None, unit_name: str
) -> dict[str, object]:
    """A line, shipped where the quote is; `product` is a product number, None for a write-in."""
    row: dict[str, object] = {
        "quotedetailid": guid(seed, "quotedetail", f"{quote['quoteid']}/{number}"),
        "quoteid@odata.bind": reference("quotes", str(quote["quoteid"])),
        "sequencenumber": number,
        "uomid@odata.bind": unit(seed, unit_name),
        "quantity": Decimal(quantity),
        **{name: value for name, value in quote.items() if name.startswith("shipto_")},
    }
    if product is not None:
        row["productid@odata.bind"] = f"/products(productnumber='{product}')"
    return row


def catalogue_line(
    seed: int, quote: Mapping[str, object], number: int, quantity: int, product: Traded
) -> dict[str, object]:
    """A line for a product of the catalogue in its sales unit."""
    return line(seed, quote, number, quantity, product.number, UNIT_NAMES[product.sales_unit])


def deliver_on(row: dict[str, object], day: date) -> None:
    """Ask for delivery on a day."""
    row["requestdeliveryby"] = day.isoformat()
