"""Personal data is masked unless somebody asks for it; everything else is shown."""

from __future__ import annotations

from datetime import date

import pytest

from p2c.commondata.model import MODEL as COMMONDATA
from p2c.integrator.outcome import Rejection
from p2c.integrator.personal import MASKED, Sight, is_personal
from p2c.operations.model import MODEL as OPERATIONS
from p2c.sales.model import MODEL as SALES

PERSONAL = (
    *("firstname", "lastname", "fullname", "emailaddress1", "telephone1", "mobilephone", "fax", "address1_line1"),
    *("birthdate", "governmentid", "shipto_line2", "shipto_contactname"),
    *("PersonName_GivenName", "PersonName_Surname", "FullName", "EmailPrimary", "PhonePrimary", "Birthdate"),
    *("MailingPostalAddress_AddressLine1", "TaxIdentificationNumber"),
    *("PersonFirstName", "PersonLastName", "NameAlias", "PrimaryContactEmail", "PrimaryContactPhone"),
    *(
        "address1_composite",
        "billto_composite",
        "FormattedPrimaryAddress",
        "FullPrimaryAddress",
        "SpouseName",
        "KnownAs",
    ),
    *("UserName", "domainname", "PrimaryTwitter", "LinkedInIdentity", "SocialNetworkIdentity01"),
    *("AddressStreet", "DeliveryAddressStreetNumber", "IdentificationNumber"),
)
PUBLIC = (
    *("accountnumber", "name", "address1_city", "address1_country", "creditlimit", "description", "quotenumber"),
    *("AccountId", "OrganizationName", "MailingPostalAddress_City", "SalesCurrencyCode", "CustomerAccount"),
    *("ProductName", "LineDescription", "transactioncurrencyid.isocurrencycode"),
)


@pytest.mark.parametrize("field", PERSONAL)
def test_what_tells_who_a_person_is_and_how_to_reach_them_is_personal(field: str) -> None:
    assert is_personal(field)


@pytest.mark.parametrize("field", PUBLIC)
def test_what_is_said_of_companies_and_goods_is_not_personal(field: str) -> None:
    assert not is_personal(field)


def test_every_e_mail_telephone_and_street_of_every_entity_is_covered() -> None:
    """A field that is added to an entity under another spelling would be shown."""
    names = {item.name for model in (SALES, OPERATIONS, COMMONDATA) for e in model.entities for item in e.properties}
    telling = [name for name in names if any(word in name.lower() for word in ("email", "phone", "street", "surname"))]
    assert telling
    assert [name for name in telling if not is_personal(name)] == []


def test_of_a_personal_text_its_beginning_and_length_are_seen() -> None:
    assert MASKED.value("lastname", "Dvořák") == "D… (6)"
    assert MASKED.value("birthdate", date(1970, 1, 2)) == "1… (10)"


@pytest.mark.parametrize("value", [None, "", True, 3])
def test_values_that_tell_nothing_are_shown(value: object) -> None:
    assert MASKED.value("emailaddress1", value) == value


def test_fields_of_a_row_can_be_personal_whatever_their_names_say() -> None:
    row = {"description": "Novák", "name": "Pekárna", "lastname": "Novák"}
    masked = {"description": "N… (5)", "name": "Pekárna", "lastname": "N… (5)"}
    assert MASKED.row(row, {"description"}) == masked
    assert Sight(all=True).row(row, {"description"}) == row


def test_values_are_shown_to_whoever_asks_for_them() -> None:
    assert Sight(all=True).value("lastname", "Dvořák") == "Dvořák"
    assert Sight(all=True).rejection(rejection()) == rejection()


def test_one_personal_source_makes_the_whole_value_personal() -> None:
    assert is_personal("firstname + lastname")


def test_a_rejected_row_is_masked_wherever_it_quotes_a_person() -> None:
    seen = MASKED.rejection(rejection())
    assert seen.value == "j… (8)"
    assert seen.reason == "j… (8) of Dvořákov is no address"
    assert seen.payload == {"emailaddress1": "j… (8)", "lastname": "D… (6)", "address1_city": "Dvořákov"}


def rejection() -> Rejection:
    """A contact with a wrong e-mail address."""
    return Rejection(
        project="contacts",
        task="Contacts",
        leg=1,
        source_id="1",
        key="C-1",
        company="czmf",
        code="WRONG-TYPE",
        field="emailaddress1",
        value="jan@dvor",
        reason="jan@dvor of Dvořákov is no address",
        way_out="mend it",
        payload={"emailaddress1": "jan@dvor", "lastname": "Dvořák", "address1_city": "Dvořákov"},
    )
