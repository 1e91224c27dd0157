"""What a party is known by outside: networks, registers and exchanges."""

from __future__ import annotations

from p2c.commondata.entities.picklists import SOCIAL_NETWORK, STOCK_EXCHANGE
from p2c.edm.declare import enum, text
from p2c.edm.property import Property
from p2c.text import N_


def network_identities() -> tuple[Property, ...]:
    """Names of a person or an organization in networks."""
    return (
        text("FacebookIdentity", 128, N_("Facebook Identity")),
        text("LinkedInIdentity", 128, N_("LinkedIn Identity")),
        text("OfficeGraphIdentifier", 128, N_("Office Graph Identifier")),
        enum("SocialNetwork01", N_("Social Network 1"), SOCIAL_NETWORK),
        enum("SocialNetwork02", N_("Social Network 2"), SOCIAL_NETWORK),
        text("SocialNetworkIdentity01", 128, N_("Social Network Identity 1")),
        text("SocialNetworkIdentity02", 128, N_("Social Network Identity 2")),
        text("TwitterIdentity", 128, N_("Twitter Identity")),
    )


def company_identities() -> tuple[Property, ...]:
    """Numbers and symbols of a company in registers and on stock exchanges, besides its networks."""
    return (
        text("DUNSNumber", 128, N_("D-U-N-S Number")),
        text("SatoriId", 128, N_("Satori ID")),
        enum("StockExchange", N_("Stock Exchange"), STOCK_EXCHANGE),
        text("StockTicker", 128, N_("Stock Ticker")),
        text("TaxIdentificationIssuer", 128, N_("Tax Identification Issuer")),
        text("TaxIdentificationNumber", 128, N_("Tax Identification Number")),
        *network_identities(),
    )
