"""Saving customers and customer groups."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.database.session import Session
from p2c.edm.change import Change, Problem, ProblemKind, accepted
from p2c.edm.values import Row
from p2c.odata.service.rules import NoRules
from p2c.operations.rules.party import PARTY_TYPES, PartyName
from p2c.operations.rules.rounding import CENTS
from p2c.operations.saving.addresses import AddressColumns, settle_addresses
from p2c.operations.saving.company import settle_company
from p2c.operations.saving.currencies import sales_rounding
from p2c.operations.saving.numbering import fill_numbers
from p2c.operations.saving.places import settle_places
from p2c.operations.saving.pointers import Pointer, check_pointers, currency, customer
from p2c.operations.saving.uses import in_company, problems_of_use
from p2c.operations.saving.values import COMPANY, number_of, text_of

_ADDRESSES = (
    AddressColumns(prefix="Address", full="FullPrimaryAddress"),
    AddressColumns(prefix="DeliveryAddress"),
    AddressColumns(prefix="InvoiceAddress"),
)
_POINTERS = (
    Pointer("CustomerGroupId", "customer_group", "CustomerGroupId", "customer group", "CustomerGroups"),
    currency("SalesCurrencyCode"),
)
_OWN_ACCOUNT = customer("CustomerAccount")
_INVOICE_ACCOUNT = customer("InvoiceAccount")
_NAMES = ("PartyType", "OrganizationName", "PersonFirstName", "PersonMiddleName", "PersonLastName")

_USES = (
    in_company("contact_person", "CustomerAccount", "AssociatedContactNumber", "CDSContactPersonsV2"),
    in_company("sales_quotation", "CustomerAccount", "RequestingCustomerAccountNumber", "SalesQuotationHeaders"),
    in_company("sales_quotation", "CustomerAccount", "InvoiceCustomerAccountNumber", "SalesQuotationHeaders"),
)


class CustomerRules(NoRules):
    """A customer names its party, group, currency and places rightly."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Check names, pointers and countries; fill account, search name and party number; round the credit limit."""
        settle_company(changes, session)
        fill_numbers(changes, session, "customer", "CustomerAccount")
        for change in accepted(changes):
            _settle_party(change)
        settle_addresses(changes, _ADDRESSES)
        check_pointers(changes, session, _POINTERS)
        settle_places(changes, session, site_column="SiteId", warehouse_column="WarehouseId")
        _round_credit_limits(accepted(changes), session)
        _check_invoice_accounts(accepted(changes), session)

    def after_save(self, changes: Sequence[Change], session: Session) -> None:
        """Contact persons follow when a customer gets another party number."""
        parties = {
            (text_of(change, COMPANY), text_of(change, "CustomerAccount")): text_of(change, "PartyNumber")
            for change in changes
            if not change.is_create and change.sets("PartyNumber")
        }
        if not parties:
            return
        columns = (COMPANY, "AssociatedContactNumber")
        people = session.match("contact_person", columns, parties, columns_out=("RecId", *columns))
        session.update(
            "contact_person",
            [
                {
                    "RecId": person["RecId"],
                    "AssociatedPartyNumber": parties[
                        (text_of(person, COMPANY), text_of(person, "AssociatedContactNumber"))
                    ],
                }
                for person in people
            ],
        )

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Customers with contact persons, quotations or customers that they pay for stay."""
        problems = problems_of_use(rows, session, _USES)
        columns = (COMPANY, "InvoiceAccount")
        payers = {(row[COMPANY], row["CustomerAccount"]) for row in rows}
        others = session.match("customer", columns, payers, columns_out=(*columns, "CustomerAccount"))
        paid_for = {
            (other[COMPANY], other["InvoiceAccount"]): other["CustomerAccount"]
            for other in others
            if other["InvoiceAccount"] != other["CustomerAccount"]
        }
        for number, row in enumerate(rows):
            account = row["CustomerAccount"]
            if problems[number] is None and (row[COMPANY], account) in paid_for:
                problems[number] = Problem(
                    ProblemKind.IN_USE,
                    f"CustomerAccount {account!r} is the invoice account of "
                    f"{paid_for[row[COMPANY], account]!r}; give that one another",
                    field="CustomerAccount",
                    value=account,
                )
        return problems


def _settle_party(change: Change) -> None:
    source = change.values if change.is_create else change
    name = PartyName(
        party_type=text_of(source, "PartyType"),
        organization=text_of(source, "OrganizationName"),
        first=text_of(source, "PersonFirstName"),
        middle=text_of(source, "PersonMiddleName"),
        last=text_of(source, "PersonLastName"),
    )
    if name.party_type not in PARTY_TYPES:
        change.refuse(
            ProblemKind.BAD_CHOICE,
            f"PartyType {name.party_type!r} is not known; send {' or '.join(PARTY_TYPES)}",
            field="PartyType",
            value=name.party_type,
        )
    elif name.missing and any(change.sets(column) for column in _NAMES):
        change.refuse(
            ProblemKind.REQUIRED,
            f"{name.missing} is required for a customer of PartyType {name.party_type}; give it a value",
            field=name.missing,
        )
    if not text_of(change, "NameAlias"):
        change.values["NameAlias"] = name.alias
    if not text_of(change, "PartyNumber"):
        change.values["PartyNumber"] = text_of(change, "CustomerAccount")


def _round_credit_limits(changes: Sequence[Change], session: Session) -> None:
    limited = [change for change in changes if change.sets("CreditLimit") and number_of(change, "CreditLimit")]
    roundings = sales_rounding(session, (text_of(change, "SalesCurrencyCode") for change in limited))
    for change in limited:
        limit = number_of(change, "CreditLimit")
        if limit < 0:
            change.refuse(
                ProblemKind.OUT_OF_RANGE,
                f"CreditLimit {limit} is below nought; send 0 for no limit",
                field="CreditLimit",
                value=limit,
            )
        change.values["CreditLimit"] = roundings.get(text_of(change, "SalesCurrencyCode"), CENTS)(limit)


def _check_invoice_accounts(changes: Sequence[Change], session: Session) -> None:
    """The customer who pays must exist, be saved by the same request, or be the customer itself."""
    paid = [change for change in changes if text_of(change, "InvoiceAccount")]
    if not paid:
        return
    arriving = {_OWN_ACCOUNT.key(change): change for change in changes}
    elsewhere: list[Change] = []
    for change in paid:
        payer = arriving.get(_INVOICE_ACCOUNT.key(change))
        if payer is None:
            elsewhere.append(change)
        else:
            _INVOICE_ACCOUNT.spell(change, {"CustomerAccount": text_of(payer, "CustomerAccount")})
    check_pointers(elsewhere, session, (_INVOICE_ACCOUNT,))


class CustomerGroupRules(NoRules):
    """A customer group belongs to a company."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Check the company."""
        settle_company(changes, session)

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Groups that have customers stay."""
        uses = (in_company("customer", "CustomerGroupId", "CustomerGroupId", "CustomersV2"),)
        return problems_of_use(rows, session, uses)
