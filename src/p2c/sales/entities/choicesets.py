"""Choice sets that several Sales tables share, with the platform's numbers and English labels."""

from __future__ import annotations

from collections.abc import Mapping

from p2c.edm.declare import boolean, choice, choices, status
from p2c.edm.property import Property
from p2c.text import N_

DEFAULT_VALUE = {1: N_("Default Value")}
"""The only member of choices that every company is meant to fill with its own."""

PAYMENT_TERMS = choices(
    "paymenttermscode",
    {1: N_("Net 30"), 2: N_("2% 10, Net 30"), 3: N_("Net 45"), 4: N_("Net 60")},
)

FREIGHT_TERMS = choices("freighttermscode", {1: N_("FOB"), 2: N_("No Charge")})

SHIPPING_METHOD = choices(
    "shippingmethodcode",
    {
        1: N_("Airborne"),
        2: N_("DHL"),
        3: N_("FedEx"),
        4: N_("UPS"),
        5: N_("Postal Mail"),
        6: N_("Full Load"),
        7: N_("Will Call"),
    },
)

ADDRESS_TYPE = choices(
    "addresstypecode",
    {1: N_("Bill To"), 2: N_("Ship To"), 3: N_("Primary"), 4: N_("Other")},
)

PREFERRED_CONTACT_METHOD = choices(
    "preferredcontactmethodcode",
    {1: N_("Any"), 2: N_("Email"), 3: N_("Phone"), 4: N_("Fax"), 5: N_("Mail")},
)

INDUSTRY = choices(
    "industrycode",
    {
        1: N_("Accounting"),
        2: N_("Agriculture and Non-petrol Natural Resource Extraction"),
        3: N_("Broadcasting Printing and Publishing"),
        4: N_("Brokers"),
        5: N_("Building Supply Retail"),
        6: N_("Business Services"),
        7: N_("Consulting"),
        8: N_("Consumer Services"),
        9: N_("Design, Direction and Creative Management"),
        10: N_("Distributors, Dispatchers and Processors"),
        11: N_("Doctor's Offices and Clinics"),
        12: N_("Durable Manufacturing"),
        13: N_("Eating and Drinking Places"),
        14: N_("Entertainment Retail"),
        15: N_("Equipment Rental and Leasing"),
        16: N_("Financial"),
        17: N_("Food and Tobacco Processing"),
        18: N_("Inbound Capital Intensive Processing"),
        19: N_("Inbound Repair and Services"),
        20: N_("Insurance"),
        21: N_("Legal Services"),
        22: N_("Non-Durable Merchandise Retail"),
        23: N_("Outbound Consumer Service"),
        24: N_("Petrochemical Extraction and Distribution"),
        25: N_("Service Retail"),
        26: N_("SIG Affiliations"),
        27: N_("Social Services"),
        28: N_("Special Outbound Trade Contractors"),
        29: N_("Specialty Realty"),
        30: N_("Transportation"),
        31: N_("Utility Creation and Distribution"),
        32: N_("Vehicle Retail"),
        33: N_("Wholesale"),
    },
)

PRICING_ERROR = choices(
    "qooi_pricingerrorcode",
    {
        0: N_("None"),
        1: N_("Detail Error"),
        2: N_("Missing Price Level"),
        3: N_("Inactive Price Level"),
        4: N_("Missing Quantity"),
        5: N_("Missing Unit Price"),
        6: N_("Missing Product"),
        7: N_("Invalid Product"),
        8: N_("Missing Pricing Code"),
        9: N_("Invalid Pricing Code"),
        10: N_("Missing UOM"),
        11: N_("Product Not In Price Level"),
        12: N_("Missing Price Level Amount"),
        13: N_("Missing Price Level Percentage"),
        14: N_("Missing Price"),
        15: N_("Missing Current Cost"),
        16: N_("Missing Standard Cost"),
        17: N_("Invalid Price Level Amount"),
        18: N_("Invalid Price Level Percentage"),
        19: N_("Invalid Price"),
        20: N_("Invalid Current Cost"),
        21: N_("Invalid Standard Cost"),
        22: N_("Invalid Rounding Policy"),
        23: N_("Invalid Rounding Option"),
        24: N_("Invalid Rounding Amount"),
        25: N_("Price Calculation Error"),
        26: N_("Invalid Discount Type"),
        27: N_("Discount Type Invalid State"),
        28: N_("Invalid Discount"),
        29: N_("Invalid Quantity"),
        30: N_("Invalid Pricing Precision"),
        31: N_("Missing Product Default UOM"),
        32: N_("Missing Product UOM Schedule"),
        33: N_("Inactive Discount Type"),
        34: N_("Invalid Price Level Currency"),
        35: N_("Price Attribute Out Of Range"),
        36: N_("Base Currency Attribute Overflow"),
        37: N_("Base Currency Attribute Underflow"),
    },
)

QUOTE_STATE: Mapping[int, str] = {0: N_("Draft"), 1: N_("Active"), 2: N_("Won"), 3: N_("Closed")}


def yes_no(name: str, label: str, *, default: bool = False, read_only: bool = False) -> Property:
    """Yes or no; rows that do not say take the default."""
    return boolean(name, label, false=N_("No"), true=N_("Yes"), default=default, read_only=read_only)


def contact_refusal(name: str, label: str) -> Property:
    """Whether a way of contact is closed: Allow or Do Not Allow."""
    return boolean(name, label, false=N_("Allow"), true=N_("Do Not Allow"), default=False)


def active_or_inactive(active: int = 1, inactive: int = 2) -> tuple[Property, Property]:
    """Statecode and statuscode of a table whose rows are in use or not; new rows are active."""
    return (
        choice("statecode", N_("Status"), {0: N_("Active"), 1: N_("Inactive")}, default=0),
        status(
            "statuscode",
            N_("Status Reason"),
            {active: (0, N_("Active")), inactive: (1, N_("Inactive"))},
            default=active,
        ),
    )
