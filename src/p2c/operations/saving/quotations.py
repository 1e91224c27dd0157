"""Saving sales quotation headers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from p2c.database.session import Session
from p2c.edm.change import Change, Problem, ProblemKind, accepted
from p2c.edm.keys import folded
from p2c.edm.values import Row
from p2c.odata.service.rules import NoRules
from p2c.operations.rules.days import at_noon
from p2c.operations.rules.party import PartyName
from p2c.operations.rules.place import Place, default_place
from p2c.operations.rules.rounding import CENTS
from p2c.operations.saving.addresses import AddressColumns, settle_addresses
from p2c.operations.saving.company import settle_company
from p2c.operations.saving.currencies import sales_rounding
from p2c.operations.saving.numbering import fill_numbers
from p2c.operations.saving.places import settle_places
from p2c.operations.saving.pointers import Key, check_pointers, currency, customer
from p2c.operations.saving.totals import (
    NO_TOTALS,
    QUOTATION_KEY,
    money_of,
    refresh_totals,
    total_columns,
)
from p2c.operations.saving.values import moment_of, number_of, text_of

_CUSTOMER = customer("RequestingCustomerAccountNumber")
_PAYER = customer("InvoiceCustomerAccountNumber")
_DAYS = (
    "RequestedShippingDate",
    "ReceiptDateRequested",
    "SalesQuotationExpiryDate",
    "SalesQuotationFollowUpDate",
)
_DELIVERY = AddressColumns(prefix="DeliveryAddress", suffix="Id", full="FormattedDeliveryAddress")
# Header column to customer column: what a new quotation takes over where the client gives nothing.
_FROM_CUSTOMER = {
    "LanguageId": "LanguageId",
    "PaymentTermsName": "PaymentTerms",
    "DeliveryModeCode": "DeliveryMode",
    "DeliveryTermsCode": "DeliveryTerms",
    "Email": "PrimaryContactEmail",
    "URL": "PrimaryContactURL",
    "ContactPersonId": "ContactPersonId",
}
# Part of an address: name on the quotation to name on the customer.
_ADDRESS_PARTS = {
    "Street": "Street",
    "StreetNumber": "StreetNumber",
    "City": "City",
    "StateId": "State",
    "ZipCode": "ZipCode",
    "CountryRegionId": "CountryRegionId",
    "CountryRegionISOCode": "CountryRegionISOCode",
}


class SalesQuotationRules(NoRules):
    """A quotation to a customer of the company, in a known currency, with totals of Operations' own."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Number it; check customer, currency, places, dates; complete from the customer; ignore totals of clients."""
        settle_company(changes, session)
        fill_numbers(changes, session, "sales_quotation", "SalesQuotationNumber")
        for change in accepted(changes):
            _settle_totals(change)
            _settle_days(change)
            _check_percentage(change)
        check_pointers(changes, session, (currency("CurrencyCode"),))
        _complete_from_customers(changes, session)
        settle_addresses(changes, (_DELIVERY,))
        settle_places(
            changes,
            session,
            site_column="DefaultShippingSiteId",
            warehouse_column="DefaultShippingWarehouseId",
        )

    def after_save(self, changes: Sequence[Change], session: Session) -> None:
        """Lines follow the status and are rounded anew in another currency; totals follow."""
        stored = [change for change in changes if not change.is_create]
        recoined = [change for change in stored if change.sets("CurrencyCode")]
        _round_lines_again(recoined, session)
        _pass_status_on([change for change in stored if change.sets("SalesQuotationStatus")], session)
        touched = [*recoined, *(change for change in stored if change.sets("TotalDiscountPercentage"))]
        refresh_totals(map(_key, touched), session)

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """The lines go with their quotation."""
        keys = {tuple(row[column] for column in QUOTATION_KEY) for row in rows}
        lines = session.match("sales_quotation_line", QUOTATION_KEY, keys, columns_out=("RecId",))
        session.delete("sales_quotation_line", [line["RecId"] for line in lines])
        return [None] * len(rows)


def _key(change: Change) -> Key:
    return tuple(change.get(column) for column in QUOTATION_KEY)


def _settle_totals(change: Change) -> None:
    totals = total_columns(NO_TOTALS)
    if change.is_create:
        change.values.update(totals)
    else:
        for column in totals:
            change.values.pop(column, None)


def _settle_days(change: Change) -> None:
    for column in _DAYS:
        if column in change.values:
            change.values[column] = at_noon(moment_of(change, column))
    if change.get("RequestedShippingDate") is None:
        change.refuse(
            ProblemKind.REQUIRED,
            "RequestedShippingDate is required and has no value; send the day the goods are wanted",
            field="RequestedShippingDate",
        )


def _check_percentage(change: Change) -> None:
    value = number_of(change, "TotalDiscountPercentage")
    if not 0 <= value <= 100:
        change.refuse(
            ProblemKind.OUT_OF_RANGE,
            f"TotalDiscountPercentage {value} is outside 0 to 100; send a share of the amount",
            field="TotalDiscountPercentage",
            value=value,
        )


def _complete_from_customers(changes: Sequence[Change], session: Session) -> None:
    """Find the customers who ask and who pay, refuse unknown ones, take over what is theirs."""
    naming = [change for change in accepted(changes) if change.sets(_CUSTOMER.column) or change.sets(_PAYER.column)]
    customers = _customers(map(_CUSTOMER.key, naming), session)
    for change in naming:
        row = customers.get(_CUSTOMER.key(change))
        if row is None:
            _CUSTOMER.refuse(change)
        else:
            _CUSTOMER.spell(change, row)
            _take_over(change, row)
    naming = accepted(naming)
    payers = {**customers, **_customers({_PAYER.key(change) for change in naming} - set(customers), session)}
    for change in naming:
        payer = payers.get(_PAYER.key(change))
        if payer is None:
            _PAYER.refuse(change)
        else:
            _PAYER.spell(change, payer)
            change.values.update(_invoice_address(payer))


def _customers(keys: Iterable[Key], session: Session) -> Mapping[Key, Row]:
    """Customers in full, by company and account."""
    rows = session.match("customer", _CUSTOMER.columns, set(keys))
    return {folded(tuple(row[column] for column in _CUSTOMER.columns)): row for row in rows}


def _take_over(change: Change, row: Row) -> None:
    """Complete a quotation from its customer; a stored one keeps what it has."""
    if not text_of(change, _PAYER.column):
        account = text_of(row, "InvoiceAccount") or text_of(row, "CustomerAccount")
        change.values[_PAYER.column] = account
    if not change.is_create:
        return
    for column, source in _FROM_CUSTOMER.items():
        if not text_of(change, column):
            change.values[column] = text_of(row, source)
    name = _name(row)
    for column in ("SalesQuotationName", "DeliveryAddressName"):
        if not text_of(change, column):
            change.values[column] = name
    given = Place(text_of(change, "DefaultShippingSiteId"), text_of(change, "DefaultShippingWarehouseId"))
    place = default_place(given, Place(text_of(row, "SiteId"), text_of(row, "WarehouseId")))
    change.values["DefaultShippingSiteId"] = place.site
    change.values["DefaultShippingWarehouseId"] = place.warehouse
    if not _DELIVERY.written_out(change):
        change.values.update(_address(row, ("DeliveryAddress", "Address"), "DeliveryAddress"))


def _name(row: Row) -> str:
    return PartyName(
        party_type=text_of(row, "PartyType"),
        organization=text_of(row, "OrganizationName"),
        first=text_of(row, "PersonFirstName"),
        middle=text_of(row, "PersonMiddleName"),
        last=text_of(row, "PersonLastName"),
    ).full


def _address(row: Row, sources: Sequence[str], target: str) -> Row:
    """The first of the customer's addresses that says anything, in the columns of the quotation."""
    source = next((prefix for prefix in sources if AddressColumns(prefix=prefix).written_out(row)), sources[-1])
    return {f"{target}{own}": text_of(row, f"{source}{theirs}") for own, theirs in _ADDRESS_PARTS.items()}


def _invoice_address(payer: Row) -> Row:
    address = _address(payer, ("InvoiceAddress", "Address"), "InvoiceAddress")
    columns = AddressColumns(prefix="InvoiceAddress", suffix="Id")
    return {**address, "FormattedInvoiceAddress": columns.written_out(address)}


def _pass_status_on(changes: Sequence[Change], session: Session) -> None:
    status = {_key(change): change.get("SalesQuotationStatus") for change in changes}
    lines = session.match("sales_quotation_line", QUOTATION_KEY, status, columns_out=("RecId", *QUOTATION_KEY))
    session.update(
        "sales_quotation_line",
        [
            {
                "RecId": line["RecId"],
                "SalesQuotationStatus": status[tuple(line[column] for column in QUOTATION_KEY)],
            }
            for line in lines
        ],
    )


def _round_lines_again(changes: Sequence[Change], session: Session) -> None:
    codes = {_key(change): text_of(change, "CurrencyCode") for change in changes}
    if not codes:
        return
    roundings = sales_rounding(session, codes.values())
    lines = session.match("sales_quotation_line", QUOTATION_KEY, codes)
    session.update(
        "sales_quotation_line",
        [
            {
                "RecId": line["RecId"],
                "LineAmount": money_of(line).net(
                    roundings.get(codes[tuple(line[column] for column in QUOTATION_KEY)], CENTS)
                ),
            }
            for line in lines
        ],
    )
