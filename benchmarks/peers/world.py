"""The accounts that all peers move: 40 columns each, made from their number, the same on every machine."""

from __future__ import annotations

import json

from p2c.edm.values import EdmType

NAMESPACE = "Microsoft.Dynamics.CRM"
API = "api/data/v9.2/"
PAGE_ROWS = 5_000
CALL_ROWS = 500
UPSERT_MULTIPLE = f"accounts/{NAMESPACE}.UpsertMultiple"
KEY = "accountnumber"
COLUMNS: dict[str, EdmType] = {
    KEY: EdmType.STRING,
    "name": EdmType.STRING,
    "description": EdmType.STRING,
    "emailaddress1": EdmType.STRING,
    "websiteurl": EdmType.STRING,
    "telephone1": EdmType.STRING,
    "telephone2": EdmType.STRING,
    "fax": EdmType.STRING,
    "numberofemployees": EdmType.INT32,
    "revenue": EdmType.DECIMAL,
    "creditlimit": EdmType.DECIMAL,
    "customertypecode": EdmType.INT32,
    "industrycode": EdmType.INT32,
    "ownershipcode": EdmType.INT32,
    "paymenttermscode": EdmType.INT32,
    "donotemail": EdmType.BOOLEAN,
    "donotphone": EdmType.BOOLEAN,
    "donotfax": EdmType.BOOLEAN,
    "creditonhold": EdmType.BOOLEAN,
    "sic": EdmType.STRING,
    "tickersymbol": EdmType.STRING,
    "stockexchange": EdmType.STRING,
    "address1_name": EdmType.STRING,
    "address1_line1": EdmType.STRING,
    "address1_line2": EdmType.STRING,
    "address1_city": EdmType.STRING,
    "address1_county": EdmType.STRING,
    "address1_stateorprovince": EdmType.STRING,
    "address1_postalcode": EdmType.STRING,
    "address1_country": EdmType.STRING,
    "address1_telephone1": EdmType.STRING,
    "address2_name": EdmType.STRING,
    "address2_line1": EdmType.STRING,
    "address2_line2": EdmType.STRING,
    "address2_city": EdmType.STRING,
    "address2_stateorprovince": EdmType.STRING,
    "address2_postalcode": EdmType.STRING,
    "address2_country": EdmType.STRING,
    "address2_telephone1": EdmType.STRING,
    "sharesoutstanding": EdmType.INT32,
}
SELECT = ",".join(("accountid", *COLUMNS))
FIRST_PAGE = f"accounts?$select={SELECT}"
PREFER = {"Prefer": f"odata.maxpagesize={PAGE_ROWS}"}
_WORDS = {
    "telephone2": "+420 222 333 444",
    "fax": "+420 222 333 445",
    "sic": "4690",
    "tickersymbol": "PTC",
    "stockexchange": "PSE",
    "address1_name": "Sídlo",
    "address1_line2": "2. patro",
    "address1_city": "Přerov",
    "address1_county": "Přerov",
    "address1_stateorprovince": "OLK",
    "address1_postalcode": "750 02",
    "address1_country": "Czech Republic",
    "address1_telephone1": "+420 222 333 446",
    "address2_name": "Sklad",
    "address2_line1": "Skladová 14",
    "address2_line2": "brána 3",
    "address2_city": "Kolín",
    "address2_stateorprovince": "STC",
    "address2_postalcode": "280 02",
    "address2_country": "CZ",
    "address2_telephone1": "+420 321 333 447",
}
_TOLD = {
    KEY: "BENCH-%(number)07d",
    "name": "Železářství Přerov %(number)d s.r.o.",
    "description": "Zákazník číslo %(number)d",
    "emailaddress1": "objednavky@zakaznik%(number)d.example",
    "websiteurl": "https://zakaznik%(number)d.example",
    "telephone1": "+420 7%(phone)08d",
    "address1_line1": "Nádražní %(number)d",
}
_NUMBERS = {"numberofemployees": "%(number)d", "revenue": "125000000.50", "creditlimit": "250000.25"}


def number_of(address: str) -> int:
    """The number in `accounts(accountnumber='BENCH-0000012')`."""
    return int(address.rpartition("-")[2][:7])


def address_of(number: str) -> str:
    """How a destination is told which account is meant, by its account number."""
    return f"accounts({KEY}='{number}')"


def row_text(number: int, version: int) -> str:
    """An account as a page holds it; with every version it has another telephone number."""
    return _TEMPLATE % {"number": number, "phone": (number + version * 1_000_003) % 100_000_000}


def _template() -> str:
    parts = ['"accountid":"00000000-0000-4000-8000-%(number)012x"']
    for name, kind in COLUMNS.items():
        if kind is EdmType.STRING:
            value = json.dumps(_TOLD.get(name) or _WORDS[name], ensure_ascii=False)
        elif kind is EdmType.BOOLEAN:
            value = "true" if name == "donotfax" else "false"
        else:
            value = _NUMBERS.get(name, "1")
        parts.append(f'"{name}":{value}')
    return "{" + ",".join(parts) + "}"


_TEMPLATE = _template()
