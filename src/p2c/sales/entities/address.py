"""The addresses inside Sales rows: two of a customer, and where a quote is shipped and billed to."""

from __future__ import annotations

from collections.abc import Mapping

from p2c.edm.declare import choice, text
from p2c.edm.property import Choices, Property
from p2c.sales.entities.choicesets import ADDRESS_TYPE, FREIGHT_TERMS, SHIPPING_METHOD
from p2c.text import N_


def main_address() -> tuple[Property, ...]:
    """Address 1 of an account or a contact."""
    return (
        text("address1_name", 200, N_("Address 1: Name")),
        choice("address1_addresstypecode", N_("Address 1: Address Type"), ADDRESS_TYPE),
        text("address1_line1", 250, N_("Address 1: Street 1")),
        text("address1_line2", 250, N_("Address 1: Street 2")),
        text("address1_line3", 250, N_("Address 1: Street 3")),
        text("address1_city", 80, N_("Address 1: City")),
        text("address1_stateorprovince", 50, N_("Address 1: State/Province")),
        text("address1_postalcode", 20, N_("Address 1: ZIP/Postal Code")),
        text("address1_country", 80, N_("Address 1: Country/Region")),
        text("address1_county", 50, N_("Address 1: County")),
        text("address1_postofficebox", 20, N_("Address 1: Post Office Box")),
        text("address1_telephone1", 50, N_("Address 1: Phone")),
        choice("address1_freighttermscode", N_("Address 1: Freight Terms"), FREIGHT_TERMS),
        choice("address1_shippingmethodcode", N_("Address 1: Shipping Method"), SHIPPING_METHOD),
        text("address1_composite", 1000, N_("Address 1"), read_only=True),
    )


def second_address(name_length: int) -> tuple[Property, ...]:
    """Address 2 of an account or a contact; the length of its name differs between the two."""
    return (
        text("address2_name", name_length, N_("Address 2: Name")),
        text("address2_line1", 250, N_("Address 2: Street 1")),
        text("address2_line2", 250, N_("Address 2: Street 2")),
        text("address2_line3", 250, N_("Address 2: Street 3")),
        text("address2_city", 80, N_("Address 2: City")),
        text("address2_stateorprovince", 50, N_("Address 2: State/Province")),
        text("address2_postalcode", 20, N_("Address 2: ZIP/Postal Code")),
        text("address2_country", 80, N_("Address 2: Country/Region")),
        text("address2_county", 50, N_("Address 2: County")),
        text("address2_telephone1", 50, N_("Address 2: Phone")),
    )


def ship_to(freight_terms: Mapping[int, str] | Choices) -> tuple[Property, ...]:
    """Where the goods of a document or a line go; only the lines know freight terms by name."""
    return (
        text("shipto_name", 200, N_("Ship To Name")),
        text("shipto_contactname", 150, N_("Ship To Contact Name")),
        text("shipto_line1", 250, N_("Ship To Street 1")),
        text("shipto_line2", 250, N_("Ship To Street 2")),
        text("shipto_line3", 250, N_("Ship To Street 3")),
        text("shipto_city", 80, N_("Ship To City")),
        text("shipto_stateorprovince", 50, N_("Ship To State/Province")),
        text("shipto_postalcode", 20, N_("Ship To ZIP/Postal Code")),
        text("shipto_country", 80, N_("Ship To Country/Region")),
        text("shipto_telephone", 50, N_("Ship To Phone")),
        text("shipto_fax", 50, N_("Ship To Fax")),
        choice("shipto_freighttermscode", N_("Ship To Freight Terms"), freight_terms),
    )


def bill_to() -> tuple[Property, ...]:
    """Where the invoice of a document goes."""
    return (
        text("billto_name", 200, N_("Bill To Name")),
        text("billto_contactname", 150, N_("Bill To Contact Name")),
        text("billto_line1", 250, N_("Bill To Street 1")),
        text("billto_line2", 250, N_("Bill To Street 2")),
        text("billto_line3", 250, N_("Bill To Street 3")),
        text("billto_city", 80, N_("Bill To City")),
        text("billto_stateorprovince", 50, N_("Bill To State/Province")),
        text("billto_postalcode", 20, N_("Bill To ZIP/Postal Code")),
        text("billto_country", 80, N_("Bill To Country/Region")),
        text("billto_telephone", 50, N_("Bill To Phone")),
        text("billto_fax", 50, N_("Bill To Fax")),
        text("billto_composite", 1000, N_("Bill To Address"), read_only=True),
    )
