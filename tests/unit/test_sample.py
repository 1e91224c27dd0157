"""The sample data: enough of everything, in order, the same for a seed, and fit for its services."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal

import pytest

from p2c.commondata import sample as hub_sample
from p2c.commondata.model import MODEL as HUB
from p2c.edm.entity import Entity, Model
from p2c.edm.property import Property
from p2c.edm.values import EdmType
from p2c.operations import sample as operations_sample
from p2c.operations.model import MODEL as OPERATIONS
from p2c.sales import sample as sales_sample
from p2c.sales.model import MODEL as SALES
from p2c.sample_catalogue import CATALOGUE, sold_by
from p2c.sample_companies import COMPANIES
from p2c.sample_rows import SampleSet, WrongRow

BIND = "@odata.bind"
BY_ID = re.compile(r"/(\w+)\(([0-9a-f-]{36})\)")
BY_PRODUCT_NUMBER = re.compile(r"/products\(productnumber='([^']+)'\)")
OWN_PRODUCTS = frozenset({"SALES-0001", "SALES-0002", "SALES-0003"})
Row = dict[str, object]

MASTER_DATA = sales_sample.master_data()
QUOTE_SETS, MOVES = sales_sample.quotes()
SALES_SETS = [*MASTER_DATA, *QUOTE_SETS]
OPERATIONS_SETS = operations_sample.rows()
HUB_SETS = hub_sample.rows()
LOADED = [
    *((SALES, item) for item in SALES_SETS),
    *((OPERATIONS, item) for item in OPERATIONS_SETS),
    *((HUB, item) for item in HUB_SETS),
]


def rows_of(sets: Iterable[SampleSet], entity_set: str) -> list[Row]:
    return [row for item in sets if item.entity_set == entity_set for row in item.rows]


def with_entity() -> Iterator[tuple[Entity, SampleSet]]:
    for model, item in LOADED:
        yield model.entity_set[item.entity_set], item


def property_of(entity: Entity, name: str) -> Property:
    if name.endswith(BIND):
        return entity.navigation[name.removesuffix(BIND)][0]
    return entity.property[name]


def binds(row: Row) -> Iterator[str]:
    for name, value in row.items():
        if name.endswith(BIND):
            yield str(value)


def test_the_same_seed_gives_the_same_rows() -> None:
    assert sales_sample.master_data(7) == sales_sample.master_data(7)
    assert sales_sample.quotes(7) == sales_sample.quotes(7)
    assert operations_sample.rows(7) == operations_sample.rows(7)


def test_another_seed_gives_other_rows() -> None:
    assert sales_sample.master_data(7) != sales_sample.master_data(8)
    assert operations_sample.rows(7) != operations_sample.rows(8)


@pytest.mark.parametrize(
    ("sets", "entity_set", "least"),
    [
        (SALES_SETS, "accounts", 300),
        (SALES_SETS, "contacts", 600),
        (SALES_SETS, "quotes", 200),
        (SALES_SETS, "quotedetails", 900),
        (SALES_SETS, "pricelevels", 4),
        (OPERATIONS_SETS, "ProductsV2", 150),
        (OPERATIONS_SETS, "LegalEntities", 3),
        (HUB_SETS, "Organizations", 3),
    ],
)
def test_there_is_enough_of_everything(sets: list[SampleSet], entity_set: str, least: int) -> None:
    assert len(rows_of(sets, entity_set)) >= least


def test_every_company_has_products_in_stock_at_two_sites() -> None:
    stock = rows_of(OPERATIONS_SETS, "WarehousesOnHandV2")
    for company in COMPANIES:
        sites = {row["InventorySiteId"] for row in stock if row["dataAreaId"] == company.legal_entity}
        assert sites == {"1", "2"}


def test_most_products_are_released_in_several_companies() -> None:
    assert sum(len(product.companies) > 1 for product in CATALOGUE) > len(CATALOGUE) // 2


def test_quotes_reach_every_state() -> None:
    lives: dict[str, tuple[str, ...]] = {str(row["quoteid"]): () for row in rows_of(QUOTE_SETS, "quotes")}
    for move in MOVES:
        lives[move.quoteid] = (*lives[move.quoteid], move.kind)
    found = Counter(lives.values())
    ends = ("win", "lose", "cancel", "revise")
    assert set(found) == {(), ("activate",), *(("activate", end) for end in ends)}
    assert min(found.values()) >= 10


def test_contacts_belong_to_accounts_to_contacts_and_to_nobody() -> None:
    companies = Counter(
        next((name for name in row if name.startswith("parentcustomerid")), "none")
        for row in rows_of(MASTER_DATA, "contacts")
    )
    assert companies["parentcustomerid_account@odata.bind"] > 500
    assert companies["parentcustomerid_contact@odata.bind"] >= 10
    assert companies["none"] >= 10


def test_some_quotes_are_made_out_to_contacts() -> None:
    to_contacts = sum("customerid_contact@odata.bind" in row for row in rows_of(QUOTE_SETS, "quotes"))
    assert 0 < to_contacts < len(rows_of(QUOTE_SETS, "quotes")) // 2


def test_most_quotes_but_not_all_ask_for_a_delivery_date() -> None:
    quotes = rows_of(QUOTE_SETS, "quotes")
    dated = sum("requestdeliveryby" in row for row in quotes)
    assert len(quotes) // 2 < dated < len(quotes)


def test_two_business_units_share_an_account_number() -> None:
    owners = Counter(
        (row["accountnumber"], row["ownerid@odata.bind"])
        for row in rows_of(MASTER_DATA, "accounts")
        if "accountnumber" in row
    )
    assert len(owners) == 2
    assert len({number for number, _owner in owners}) == 1


@pytest.mark.parametrize("letters", ["řěůž", "őűá", "ėąžš", "õäöü", "åäö"])
def test_names_and_places_keep_their_diacritics(letters: str) -> None:
    text = "".join(str(value) for item in MASTER_DATA for row in item.rows for value in row.values() if value).lower()
    assert set(letters) <= set(text)
    assert unicodedata.is_normalized("NFC", text)


def test_countries_are_spelt_in_many_ways() -> None:
    spellings = {row["address1_country"] for row in rows_of(MASTER_DATA, "accounts")}
    assert {"Česko", "CZE", "Magyarország", "Lietuva", "Eesti", "Sverige", "SE"} <= spellings


def test_every_row_carries_its_key_once() -> None:
    keys: Counter[tuple[object, ...]] = Counter()
    for model, item in LOADED:
        keys.update((model.name, item.entity_set, *(row[name] for name in item.key)) for row in item.rows)
    assert max(keys.values()) == 1


def test_every_value_fits_its_property() -> None:
    for entity, item in with_entity():
        for row in item.rows:
            for name, value in row.items():
                declared = property_of(entity, name)
                assert not declared.read_only or declared.name == entity.key[0], (entity.name, name)
                if isinstance(value, str) and declared.max_length is not None:
                    assert len(value) <= declared.max_length, (entity.name, name, value)
                if isinstance(value, Decimal):
                    assert declared.type is EdmType.DECIMAL, (entity.name, name)
                    assert value == round(value, declared.scale or 0), (entity.name, name, value)
                if declared.choices is not None and declared.type is EdmType.ENUM:
                    assert value in declared.choices.names, (entity.name, name, value)
                elif declared.choices is not None and declared.type is EdmType.INT32:
                    assert value in declared.choices.by_value, (entity.name, name, value)


def test_no_row_lacks_a_mandatory_value() -> None:
    for entity, item in with_entity():
        mandatory = {
            declared.name
            for declared in entity.properties
            if declared.required.mandatory and not declared.read_only and declared.default is None
        }
        for row in item.rows:
            given = {property_of(entity, name).name for name, value in row.items() if value not in (None, "")}
            assert mandatory <= given, (entity.name, mandatory - given)


def test_every_reference_points_at_a_row_of_an_earlier_set() -> None:
    loaded: set[tuple[str, str]] = set()
    numbers = {product.number for product in CATALOGUE} | OWN_PRODUCTS
    for item in SALES_SETS:
        for row in item.rows:
            for target in binds(row):
                by_number = BY_PRODUCT_NUMBER.fullmatch(target)
                by_id = BY_ID.fullmatch(target)
                if by_number:
                    assert by_number[1] in numbers
                else:
                    assert by_id is not None, target
                    assert (by_id[1], by_id[2]) in loaded, (item.entity_set, target)
        loaded |= {(item.entity_set, str(row[item.key[0]])) for row in item.rows}


def test_a_reference_names_the_entity_that_its_lookup_expects() -> None:
    for item in SALES_SETS:
        entity = SALES.entity_set[item.entity_set]
        for row in item.rows:
            for name, value in row.items():
                if not name.endswith(BIND) or name == "ownerid@odata.bind":
                    continue
                target = entity.navigation[name.removesuffix(BIND)][1]
                assert str(value).startswith(f"/{SALES.entity[target].set_name}("), (name, value)


def test_quote_lines_are_numbered_within_their_quote() -> None:
    numbers = Counter((row["quoteid@odata.bind"], row["sequencenumber"]) for row in rows_of(QUOTE_SETS, "quotedetails"))
    assert max(numbers.values()) == 1
    assert {quote for quote, _number in numbers} == {
        f"/quotes({row['quoteid']})" for row in rows_of(QUOTE_SETS, "quotes")
    }


def test_customers_buy_only_what_their_company_sells() -> None:
    wrong = {row.value for row in sales_sample.WRONG_ON_PURPOSE}
    price_list_of = {
        f"/quotes({row['quoteid']})": str(row["pricelevelid@odata.bind"])
        for row in rows_of(QUOTE_SETS, "quotes")
        if row["name"] not in wrong
    }
    list_name = {
        f"/pricelevels({row['pricelevelid']})": str(row["name"]) for row in rows_of(MASTER_DATA, "pricelevels")
    }
    sold = {
        company.currency: {f"/products(productnumber='{product.number}')" for product in sold_by(company)}
        for company in COMPANIES
    }
    for row in rows_of(QUOTE_SETS, "quotedetails"):
        price_list = price_list_of.get(str(row["quoteid@odata.bind"]))
        if price_list is not None:
            assert row["productid@odata.bind"] in sold[list_name[price_list][:3]]


def wrong_rows() -> list[tuple[Model, list[SampleSet], WrongRow]]:
    return [
        *((SALES, SALES_SETS, row) for row in sales_sample.WRONG_ON_PURPOSE),
        *((OPERATIONS, OPERATIONS_SETS, row) for row in operations_sample.WRONG_ON_PURPOSE),
    ]


@pytest.mark.parametrize(("model", "sets", "wrong"), wrong_rows(), ids=lambda item: getattr(item, "what", ""))
def test_each_row_that_is_wrong_on_purpose_is_there_once(model: Model, sets: list[SampleSet], wrong: WrongRow) -> None:
    assert wrong.field in model.entity_set[wrong.entity_set].property
    assert sum(row.get(wrong.field) == wrong.value for row in rows_of(sets, wrong.entity_set)) == 1


def test_rows_that_are_right_fit_the_shorter_address_columns_of_operations() -> None:
    wrong = {row.value for row in sales_sample.WRONG_ON_PURPOSE}
    columns = OPERATIONS.entity_set["CustomersV2"].property
    lengths = {
        "address1_city": columns["AddressCity"].max_length,
        "address1_stateorprovince": columns["AddressState"].max_length,
        "address1_postalcode": columns["AddressZipCode"].max_length,
    }
    for entity_set in ("accounts", "contacts"):
        for row in rows_of(MASTER_DATA, entity_set):
            if not wrong & {row.get("name"), row.get("lastname")}:
                for name, length in lengths.items():
                    assert len(str(row[name])) <= (length or 0), (name, row[name])


def test_companies_have_the_same_names_in_all_services() -> None:
    names = {company.business_unit for company in COMPANIES}
    assert {row["Name"] for row in rows_of(OPERATIONS_SETS, "LegalEntities")} == names
    assert {row["OrganizationName"] for row in rows_of(HUB_SETS, "Organizations")} == names
    assert names < {row["name"] for row in rows_of(MASTER_DATA, "businessunits")}
