"""Two small environments for tests of maps: a shop that sells, and an office that delivers."""

from __future__ import annotations

from p2c.edm.declare import boolean, choice, day, decimal, enum, instant, lookup, members, text, whole
from p2c.edm.entity import AlternateKey, Entity, Model, Table, surrogate
from p2c.edm.property import Property, Required
from p2c.edm.values import EdmType


def an_entity(
    name: str,
    set_name: str,
    *properties: Property,
    key: tuple[str, ...],
    alternate: tuple[str, ...] = (),
    writable: bool = True,
) -> Entity:
    """An entity over a table of its own."""
    return Entity(
        name=name,
        set_name=set_name,
        label=name,
        plural=set_name,
        properties=properties,
        key=key,
        table=Table(name, properties, key[0]),
        alternate_keys=(AlternateKey(f"{name}key", alternate),) if alternate else (),
        writable=writable,
    )


def an_environment(name: str, *entities: Entity) -> Model:
    """A model of entities."""
    return Model(name, f"Test.{name}", entities, tuple(entity.table for entity in entities))


CURRENCY = an_entity(
    "transactioncurrency",
    "transactioncurrencies",
    surrogate("transactioncurrencyid", EdmType.GUID),
    text("isocurrencycode", 5, "Currency Code"),
    key=("transactioncurrencyid",),
    alternate=("isocurrencycode",),
)
CONTACT = an_entity(
    "contact",
    "contacts",
    surrogate("contactid", EdmType.GUID),
    text("msdynce_contactnumber", 20, "Contact Number"),
    key=("contactid",),
)
ACCOUNT = an_entity(
    "account",
    "accounts",
    surrogate("accountid", EdmType.GUID),
    text("accountnumber", 20, "Account Number"),
    text("name", 160, "Name", required=Required.BUSINESS),
    text("city", 80, "City"),
    text("address1_country", 80, "Country"),
    whole("numberofemployees", "Employees"),
    decimal("creditlimit", "Credit Limit", scale=4),
    boolean("donotemail", "Do not e-mail"),
    choice("statecode", "Status", {0: "Active", 1: "Inactive"}),
    day("birthdate", "Birthday"),
    instant("modifiedon", "Modified On", read_only=True),
    lookup("transactioncurrencyid", "Currency", "transactioncurrency"),
    lookup(
        "customerid",
        "Customer",
        "account",
        "contact",
        navigations=("customerid_account", "customerid_contact"),
    ),
    key=("accountid",),
    alternate=("accountnumber",),
)
CUSTOMER = an_entity(
    "CustomerV2",
    "CustomersV2",
    text("dataAreaId", 4, "Company"),
    text("CustomerAccount", 20, "Customer account"),
    text("OrganizationName", 10, "Name", required=Required.BUSINESS),
    text("AddressCity", 80, "City"),
    text("AddressCountryRegionISOCode", 2, "Country"),
    whole("OrganizationNumberOfEmployees", "Employees"),
    decimal("CreditLimit", "Credit limit", scale=2),
    enum("IsExternallyMaintained", "Externally maintained", members("NoYes", "No", "Yes")),
    enum("SalesCurrencyCode", "Currency", members("CurrencyCode", "CZK", "EUR", "HUF", "SEK")),
    instant("BirthDateTime", "Birthday"),
    text("RecordState", 10, "State", read_only=True),
    key=("dataAreaId", "CustomerAccount"),
)
REPORT = an_entity("Report", "Reports", text("ReportId", 10, "Report"), key=("ReportId",), writable=False)

MODELS = {
    "sales": an_environment("sales", ACCOUNT, CONTACT, CURRENCY),
    "operations": an_environment("operations", CUSTOMER, REPORT),
}
