"""Bad input of every kind: a clear error that names row, field and way out; the other rows go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from p2c.errors import ConfigurationError
from p2c.integrator.engine import conveyor
from p2c.integrator.mapping.parse import parse_template
from p2c.integrator.outcome import Disposition, LegKey, LegRun, Rejection, Run, Status
from p2c.integrator.templates import load_template, shipped_text
from p2c.odata.client import http
from p2c.odata.client.environment import Written
from tests.lab import Company, Lab, Silent, found, guid, reference
from tests.lab.company import currency
from tests.lab.reach import Json
from tests.scenarios.trade import account, activate, contact, line, own_product, quote, release

COMPANY = Company("czmf", "ORG001", "Moravská obchodní", "EUR")
WITHOUT_LIST = Company("plmf", "ORG002", "Handel Polska", "PLN")
PROJECTS = ("products", "accounts", "contacts", "contacts-to-customer", "quotes")
UPSERT = "Microsoft.Dynamics.CRM.UpsertMultiple"


@pytest.fixture(scope="module")
def company(lab: Lab) -> Company:
    found(lab, COMPANY, WITHOUT_LIST)
    lab.load(
        "sales",
        "transactioncurrencies",
        [
            {
                "isocurrencycode": code,
                "currencyname": code,
                "currencysymbol": code,
                "exchangerate": 2,
            }
            for code in ("XTS", "QQQ")
        ],
        key=("isocurrencycode",),
    )
    lab.load("operations", "UnitsOfMeasure", [{"UnitSymbol": "crate", "UnitClass": "Quantity"}])
    (pln,) = lab.rows("sales", "pricelevels", "name eq 'PLN list'")
    assert lab.send("sales", "DELETE", f"pricelevels({pln['pricelevelid']})").status == 204
    return COMPANY


@pytest.fixture(scope="module")
def rejected(lab: Lab, company: Company) -> Mapping[str, Rejection]:
    """The rejection of each bad row by its key, after one run over good and bad rows together."""
    release(lab, company, "P-GOOD", "10.00")
    release(lab, company, "P-UNIT", "10.00", SalesUnitSymbol="crate", InventoryUnitSymbol="crate")
    release(lab, WITHOUT_LIST, "P-PLN", "10.00")
    accounts = [
        account(company, "GOOD"),
        account(company, "COUNTRY", address1_country="Atlantis"),
        account(company, "LONG", address1_postalcode="400 01 Ústí 1"),
        account(company, "XTS", **{"transactioncurrencyid@odata.bind": currency("XTS")}),
        account(company, "QQQ", **{"transactioncurrencyid@odata.bind": currency("QQQ")}),
        account(company, "GOOD-TOO"),
    ]
    contacts = [
        contact(company, "Dobrá", of="GOOD", msdynce_contactnumber="C-GOOD"),
        contact(company, "Bezejmenný", of="GOOD", firstname=None, msdynce_contactnumber="C-NAMELESS"),
        contact(company, "Nemo", of="COUNTRY", msdynce_contactnumber="C-LOST"),
    ]
    lab.load("sales", "accounts", accounts)
    lab.load("sales", "contacts", contacts)
    lab.run("products", "accounts", "contacts")
    return {rejection.key.split(" / ")[-1]: rejection for rejection in lab.rejected()}


@pytest.mark.parametrize(
    ("key", "code", "field", "value", "reason", "way_out"),
    [
        ("COUNTRY", "COUNTRY-UNKNOWN", "address1_country", "Atlantis", "Atlantis", "correct the country"),
        (
            "LONG",
            "TEXT-TOO-LONG",
            "MailingPostalAddress_PostalCode",
            "400 01 Ústí 1",
            "takes 10",
            "shorten",
        ),
        ("XTS", "DESTINATION-REFUSED", "SalesCurrencyCode", "XTS", "XTS", ""),
        ("QQQ", "CURRENCY-UNKNOWN", "transactioncurrencyid.isocurrencycode", "QQQ", "QQQ", "currency"),
        ("P-UNIT", "UNIT-UNKNOWN", "SalesUnitSymbol", "crate", "crate", "unit"),
        ("P-PLN", "DESTINATION-REFUSED", "", "10.000000", "PLN", ""),
        ("C-NAMELESS", "REQUIRED-MISSING", "Name_GivenName", "", "FirstName", "fill the field"),
        ("C-LOST", "LOOKUP-NOT-FOUND", "parentcustomerid", "COUNTRY", "COUNTRY", "bring the other row"),
    ],
)
def test_a_bad_row_is_rejected_with_field_value_reason_and_way_out(
    rejected: Mapping[str, Rejection], key: str, code: str, field: str, value: str, reason: str, way_out: str
) -> None:
    rejection = rejected[key]

    assert (rejection.code, rejection.value) == (code, value)
    assert field in rejection.field
    assert reason in rejection.reason
    assert way_out in rejection.way_out
    assert rejection.way_out


def test_nothing_else_is_rejected(rejected: Mapping[str, Rejection]) -> None:
    assert set(rejected) == {
        "COUNTRY",
        "LONG",
        "XTS",
        "QQQ",
        "P-UNIT",
        "P-PLN",
        "C-NAMELESS",
        "C-LOST",
    }


def test_the_rows_beside_bad_ones_are_delivered(lab: Lab, rejected: Mapping[str, Rejection]) -> None:
    customers = lab.rows("operations", "CustomersV2", select="CustomerAccount")
    persons = lab.rows("operations", "CDSContactPersons", select="ContactPersonPartyNumber")
    products = lab.rows("sales", "products", "msdynce_ismaintainedexternally eq true")

    assert {"GOOD", "GOOD-TOO"} <= {row["CustomerAccount"] for row in customers}
    assert not {row["CustomerAccount"] for row in customers} & set(rejected)
    assert {row["ContactPersonPartyNumber"] for row in persons} == {"C-GOOD"}
    assert {row["productnumber"] for row in products} == {"P-GOOD"}


def test_a_product_that_finds_no_price_list_is_not_left_half_written(
    lab: Lab, rejected: Mapping[str, Rejection]
) -> None:
    assert lab.rows("sales", "products", "productnumber eq 'P-PLN'") == []


def test_quotes_with_a_write_in_or_an_own_product_stay_behind_and_say_why(
    lab: Lab, rejected: Mapping[str, Rejection]
) -> None:
    customer = reference("accounts", guid("account", COMPANY.legal_entity, "GOOD"))
    lab.load("sales", "products", [own_product(COMPANY, "OWN")])
    names = ("Q-GOOD", "Q-WRITE-IN", "Q-OWN")
    lab.load("sales", "quotes", [quote(COMPANY, name, customer) for name in names])
    lab.load("sales", "quotedetails", [line(name, 1, "P-GOOD") for name in names])
    lab.load("sales", "quotedetails", [line("Q-WRITE-IN", 2, ""), line("Q-OWN", 2, "OWN")])
    activate(lab, *names)
    run = lab.run("quotes")

    arrived = lab.rows("operations", "SalesQuotationHeaders")
    assert [row["SalesQuotationNumber"] for row in arrived] == ["Q-GOOD"]
    assert arrived[0]["QuotationTotalAmount"] == Decimal("20")
    assert [dict(leg.skipped_because) for leg in run.legs if leg.leg == 1] == [
        {"the quote has a product that Operations does not sell": 2},
        {"the quote has a product that Operations does not sell": 4},
    ]
    states = lab.store.states(LegKey("quotes", "QuoteHeader", 1), [guid("quote", "Q-WRITE-IN"), guid("quote", "Q-OWN")])
    assert {state.disposition for state in states.values()} == {Disposition.SKIPPED}


def test_a_quote_without_a_customer_cannot_be_activated_and_stays_behind_as_a_draft(
    lab: Lab, rejected: Mapping[str, Rejection]
) -> None:
    row = quote(COMPANY, "Q-NOBODY", reference("accounts", guid("nobody")))
    del row["customerid_account@odata.bind"]
    lab.load("sales", "quotes", [row])
    lab.load("sales", "quotedetails", [line("Q-NOBODY", 1, "P-GOOD")])

    message = refusal(lab, "sales", "PATCH", f"quotes({row['quoteid']})", {"statecode": 1}, 400)
    run = lab.run("quotes")

    assert "customerid" in message
    (header,) = (leg for leg in run.legs if (leg.task, leg.leg) == ("QuoteHeader", 1))
    assert header.skipped_because["the quote is not active"] == 1
    assert lab.rows("commondata", "Quotations", "QuotationId eq 'Q-NOBODY'") == []


def test_a_row_named_twice_in_one_batch_is_refused_and_nothing_of_the_batch_is_written(
    lab: Lab, company: Company
) -> None:
    targets = [account(company, name) for name in ("TWICE", "ONCE", "TWICE")]
    for target in targets:
        target["@odata.type"] = "Microsoft.Dynamics.CRM.account"

    message = refusal(lab, "sales", "POST", f"accounts/{UPSERT}", {"Targets": targets}, 412)

    assert "twice" in message
    assert lab.rows("sales", "accounts", "accountnumber eq 'TWICE' or accountnumber eq 'ONCE'") == []


def by_telephone(lab: Lab, name: str) -> str:
    """A project that makes customers of the accounts of this name, and takes their number from the telephone."""
    text = shipped_text("accounts-direct")
    for field in ("CustomerAccount", "PartyNumber"):
        text = text.replace(f"to: {field}, from: accountnumber", f"to: {field}, from: telephone1")
    text = text.replace("filter: statecode eq 0", f"filter: \"name eq '{name}'\"")
    template = parse_template(text, "by-telephone.yaml")
    project = replace(lab.store.project("accounts-direct"), name=f"by-telephone-{name.lower()}", tasks=template.tasks)
    lab.store.save_projects([project])
    return project.name


def test_two_rows_of_one_batch_that_become_the_same_row_are_not_mixed_up(lab: Lab, company: Company) -> None:
    project = by_telephone(lab, "Dvojče")
    twins = [account(company, f"TWIN-{number}", name="Dvojče", telephone1="T-100") for number in (1, 2)]
    lab.load("sales", "accounts", [*twins, account(company, "TWIN-3", name="Dvojče", telephone1="T-200")])

    (leg,) = lab.run(project).legs

    (rejection,) = lab.rejected(project)
    assert (rejection.code, rejection.field) == ("DUPLICATE-KEY", "telephone1")
    assert rejection.key in ("TWIN-1", "TWIN-2")
    assert "another row" in rejection.reason
    assert "another number" in rejection.way_out
    assert (leg.counts.created, leg.counts.rejected) == (2, 1)


def test_a_row_does_not_overwrite_what_another_one_became_in_an_earlier_run(lab: Lab, company: Company) -> None:
    project = by_telephone(lab, "Dvojnice")
    first, second = (account(company, f"DOUBLE-{number}", name="Dvojnice", telephone1="T-300") for number in (1, 2))
    lab.load("sales", "accounts", [first])
    lab.run(project)
    lab.load("sales", "accounts", [second])
    (refused,) = lab.run(project).legs
    (rejection,) = lab.rejected(project)
    lab.send("sales", "DELETE", f"accounts({first['accountid']})")
    lab.run(project)
    lab.run(project)

    assert (refused.counts.rejected, refused.writes) == (1, 0)
    assert (rejection.key, rejection.code, rejection.value) == ("DOUBLE-2", "DUPLICATE-KEY", "T-300")
    assert lab.rejected(project) == []


def test_a_second_product_of_the_same_number_is_refused_with_the_reason(
    lab: Lab, rejected: Mapping[str, Rejection]
) -> None:
    row = {"dataAreaId": COMPANY.legal_entity, "ItemNumber": "P-AGAIN", "ProductNumber": "P-GOOD"}

    (result,) = lab.write("operations", "ReleasedProductsV2", [row])

    assert result.written is Written.REFUSED
    assert "ProductNumber" in result.message
    assert "P-GOOD" in result.message


def test_a_bad_row_among_many_is_refused_alone(lab: Lab, company: Company) -> None:
    rows = [account(company, name) for name in ("ALONE-1", "ALONE-2")]
    rows.insert(1, {**rows[0], "address1_country": None, "accountid": "not-a-guid"})

    results = lab.write("sales", "accounts", rows)

    assert [result.written for result in results] == [Written.CREATED, Written.REFUSED, Written.CREATED]
    assert len(lab.rows("sales", "accounts", "startswith(accountnumber,'ALONE')")) == 2


@pytest.mark.parametrize(
    ("environment", "entity_set", "changed", "told"),
    [
        ("sales", "accounts", {"industrycode": 999}, ("industrycode", "999")),
        ("sales", "accounts", {"numberofemployees": "many"}, ("numberofemployees",)),
        ("sales", "accounts", {"creditlimit": "a lot"}, ("creditlimit",)),
        ("sales", "accounts", {"acountnumber": "x"}, ("acountnumber", "accountnumber")),
        ("sales", "accounts", {"name": "n" * 161}, ("name", "160")),
        ("sales", "accounts", {"name": None}, ("name",)),
        (
            "sales",
            "accounts",
            {"parentaccountid@odata.bind": f"/accounts({guid('nobody')})"},
            ("parentaccountid", guid("nobody")),
        ),
        ("operations", "CustomersV2", {"OnHoldStatus": "Perhaps"}, ("OnHoldStatus", "Perhaps")),
        ("operations", "CustomersV2", {"CreditLimit": "a lot"}, ("CreditLimit",)),
        ("operations", "CustomersV2", {"CustomerGroupId": "77"}, ("CustomerGroupId", "77")),
        ("operations", "CustomersV2", {"SalesCurrencyCode": "XTS"}, ("SalesCurrencyCode", "XTS")),
        ("operations", "CustomersV2", {"CustomerGroup": "10"}, ("CustomerGroup", "CustomerGroupId")),
        ("operations", "CustomersV2", {"AddressZipCode": "12345678901"}, ("AddressZipCode", "10")),
        ("commondata", "Accounts", {"PartyType": "Ghost"}, ("PartyType", "Ghost")),
        ("commondata", "Accounts", {"Organization_OrganizationId": "NONE"}, ("NONE",)),
    ],
)
def test_a_service_refuses_a_wrong_value_naming_field_and_value_and_writes_nothing(
    lab: Lab,
    rejected: Mapping[str, Rejection],
    environment: str,
    entity_set: str,
    changed: Json,
    told: tuple[str, ...],
) -> None:
    rows: Mapping[str, Json] = {
        "sales": {**account(COMPANY, "WRONG"), "accountid": guid("wrong")},
        "operations": {
            "dataAreaId": COMPANY.legal_entity,
            "CustomerAccount": "WRONG",
            "PartyType": "Organization",
            "OrganizationName": "Wrong",
            "CustomerGroupId": "10",
            "SalesCurrencyCode": COMPANY.currency,
        },
        "commondata": {
            "Organization_OrganizationId": COMPANY.organization,
            "AccountId": "WRONG",
            "PartyType": "Organization",
            "FullName": "Wrong",
        },
    }
    path = f"{entity_set}?cross-company=true" if environment == "operations" else entity_set
    number = {"sales": "accountnumber", "operations": "CustomerAccount", "commondata": "AccountId"}

    message = refusal(lab, environment, "POST", path, {**rows[environment], **changed}, 400, 404)

    for word in told:
        assert word in message
    assert lab.rows(environment, entity_set, f"{number[environment]} eq 'WRONG'") == []


@pytest.mark.parametrize(
    ("environment", "path"),
    [("sales", "accounts"), ("operations", "CustomersV2"), ("commondata", "Accounts")],
)
def test_malformed_json_is_refused_and_the_place_is_told(lab: Lab, environment: str, path: str) -> None:
    answer = lab.send(environment, "POST", path, b'{"name": "Cut off')

    assert answer.status == 400
    assert "JSON" in text_of(answer.body)


@pytest.mark.parametrize(
    ("environment", "entity_set", "condition", "nearest"),
    [
        ("sales", "accounts", "acountnumber eq 'x'", "accountnumber"),
        ("operations", "CustomersV2", "CustomerAcount eq 'x'", "CustomerAccount"),
        ("commondata", "Accounts", "AcountId eq 'x'", "AccountId"),
    ],
)
def test_an_unknown_field_in_a_filter_is_named_with_the_nearest_right_one(
    lab: Lab, environment: str, entity_set: str, condition: str, nearest: str
) -> None:
    path = f"{entity_set}?$filter={condition.replace(' ', '%20')}"

    message = refusal(lab, environment, "GET", path, None, 400)

    assert condition.split()[0] in message
    assert nearest in message


def test_a_template_with_an_error_names_file_line_and_the_nearest_right_name(tmp_path: Path) -> None:
    lines = shipped_text("accounts-direct").splitlines()
    wrong = next(number for number, text in enumerate(lines, 1) if "truncate: 100" in text)
    file = tmp_path / "accounts.yaml"
    file.write_text("\n".join(lines).replace("truncate: 100", "trunkate: 100"), "utf-8")

    with pytest.raises(ConfigurationError) as error:
        load_template(file)

    assert f"accounts.yaml:{wrong}" in str(error.value)
    assert "'truncate'" in str(error.value)


def test_a_project_with_an_unknown_field_moves_no_row_and_names_the_nearest_right_one(
    lab: Lab, company: Company, tmp_path: Path
) -> None:
    file = tmp_path / "accounts.yaml"
    text = shipped_text("accounts-direct").replace("to: OrganizationName", "to: OrganisationName")
    file.write_text(text, "utf-8")
    template = load_template(file)
    project = replace(lab.store.project("accounts-direct"), name="wrong-template", tasks=template.tasks)
    lab.store.save_projects([project])
    before = lab.rows("operations", "CustomersV2")

    with pytest.raises(ConfigurationError, match=r":\d+: .*OrganisationName.*OrganizationName"):
        lab.run("wrong-template")

    assert lab.rows("operations", "CustomersV2") == before


def test_a_destination_that_goes_away_ends_the_run_and_the_next_one_continues(
    lab: Lab, rejected: Mapping[str, Rejection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "FIRST_WAIT", 0.001)
    # One batch after another, so that some are still to come when the service goes.
    monkeypatch.setattr(conveyor, "SIDE_BY_SIDE", 1)
    lab.load("sales", "accounts", [account(COMPANY, f"AWAY-{number:04}") for number in range(3000)])
    before = len(lab.rows("operations", "CustomersV2", select="CustomerAccount"))
    broken = lab.run("accounts", watcher=GoesAway(lab, "operations"))
    lab.start("operations")
    between = len(lab.rows("operations", "CustomersV2", select="CustomerAccount")) - before
    after = lab.run("accounts")
    arrived = [row["CustomerAccount"] for row in lab.rows("operations", "CustomersV2", select="CustomerAccount")]

    assert broken.status is Status.ERROR
    assert "operations" in broken.error
    assert "run again" in broken.error
    assert [leg.status for leg in broken.legs] == [Status.WARNING, Status.ERROR]
    assert 0 < between < 3000
    # What got no answer does not count as sent.
    assert broken.legs[1].writes == delivered(broken, 2)
    assert {f"AWAY-{number:04}" for number in range(3000)} <= set(arrived)
    assert len(arrived) == len(set(arrived))
    # What was acknowledged before is not sent again.
    assert delivered(broken, 2) + delivered(after, 2) == len(arrived) - before


def test_a_number_beyond_all_amounts_is_refused_where_it_is_entered(lab: Lab, company: Company) -> None:
    """What cannot be kept as money does not get into the flow, and holds up nobody."""
    for amount in ("1e30", "-922337203685478", "1e400"):
        body = f'{{"name": "Vast", "creditlimit": {amount}}}'.encode()
        answer = lab.send("sales", "POST", "accounts", body)
        assert answer.status == 400
        assert "creditlimit" in text_of(answer.body)


def test_products_of_large_numbers_are_refused_and_the_neighbours_are_kept(lab: Lab, company: Company) -> None:
    """A rule that calculates beyond all amounts refuses that row alone."""
    release(lab, company, "VAST", "900000000000000.00")
    lab.run("products")
    lab.load("sales", "accounts", [account(company, "VASTLY")])
    key = reference("accounts", guid("account", company.legal_entity, "VASTLY"))
    lab.load("sales", "quotes", [quote(company, "Q-VAST", key)])
    vast = line("Q-VAST", 1, "VAST", quantity=900000000, priceperunit=900000000000000)
    small = line("Q-VAST", 2, "VAST", quantity=1)
    results = lab.write("sales", "quotedetails", [vast, small])
    assert [result.written for result in results] == [Written.REFUSED, Written.CREATED]


class GoesAway(Silent):
    """Takes a service away as soon as the first batch is recorded that was written to it."""

    def __init__(self, lab: Lab, environment: str) -> None:
        self._lab = lab
        self._environment = environment

    def leg_advanced(self, leg: LegRun) -> None:
        if leg.destination.startswith(self._environment):
            self._lab.stop(self._environment)


def delivered(run: Run, leg: int) -> int:
    """Rows that a leg of the run wrote and has an answer for."""
    return sum(item.counts.created + item.counts.updated for item in run.legs if item.leg == leg)


def text_of(body: bytes) -> str:
    """The whole error body, decoded."""
    return str(msgspec.json.decode(body))


def refusal(lab: Lab, environment: str, method: str, path: str, body: object, *statuses: int) -> str:
    """The error that a request gets."""
    answer = lab.send(environment, method, path, body)
    assert answer.status in statuses, answer.body.decode()
    return text_of(answer.body)
