"""A template is checked against the entities of its environments before anything runs."""

from __future__ import annotations

import pytest

from p2c.integrator.mapping.check import check
from p2c.integrator.mapping.parse import parse_template
from p2c.integrator.mapping.problems import TemplateError
from tests.unit.integrator.mapping.environments import MODELS

GOOD = """\
template: customers
label: Customers
form: direct
version: 1
tasks:
  - task: Customers
    legs:
      - source: {environment: sales, entity: accounts, key: [accountnumber]}
        where:
          - {filter: statecode eq 0 and accountnumber ne null, because: only active accounts go}
        destination: {environment: operations, entity: CustomersV2, key: [CustomerAccount]}
        fields:
          - {to: CustomerAccount, from: accountnumber}
          - {to: OrganizationName, from: name, transforms: [truncate]}
          - {to: SalesCurrencyCode, from: transactioncurrencyid.isocurrencycode}
          - {to: AddressCountryRegionISOCode, from: address1_country, transforms: [country], default: US}
          - {to: CreditLimit, from: creditlimit}
          - {to: BirthDateTime, from: birthdate, transforms: [date: instant], default: 2020-01-01}
          - {to: IsExternallyMaintained, default: "Yes"}
"""
LAST = '- {to: IsExternallyMaintained, default: "Yes"}'


def problems_of(text: str) -> list[str]:
    """What is wrong with the template, one line each."""
    with pytest.raises(TemplateError) as error:
        check(parse_template(text, "customers.yaml"), MODELS)
    return [str(problem) for problem in error.value.problems]


def test_a_good_template_passes() -> None:
    check(parse_template(GOOD), MODELS)


PROBLEMS = {
    "unknown entity": (
        "entity: CustomersV2",
        "entity: CustomerV2",
        "11: operations has no entity 'CustomerV2' (DIPV1018); did you mean 'CustomersV2'?",
    ),
    "entity that cannot be written": (
        "entity: CustomersV2, key: [CustomerAccount]",
        "entity: Reports, key: [ReportId]",
        "11: operations Reports can only be read (DIPV1011); choose another entity",
    ),
    "environment that is not there": (
        "environment: operations",
        "environment: commondata",
        "11: there is no environment 'commondata' here (DIPV1005); ",
    ),
    "unknown source field": (
        "from: creditlimit",
        "from: creditlimt",
        "17: sales accounts has no field 'creditlimt' (DIPV1022); did you mean 'creditlimit'?",
    ),
    "unknown destination field": (
        "to: CreditLimit",
        "to: CreditLimitt",
        "17: operations CustomersV2 has no field 'CreditLimitt' (DIPV1025); did you mean 'CreditLimit'?",
    ),
    "unknown lookup": (
        "transactioncurrencyid.isocurrencycode",
        "currencyid.isocurrencycode",
        "15: sales accounts has no lookup 'currencyid' (DIPV1022); did you mean 'transactioncurrencyid'?",
    ),
    "unknown related field": (
        "transactioncurrencyid.isocurrencycode",
        "transactioncurrencyid.isocode",
        "15: sales transactioncurrencies has no field 'isocode' (DIPV1022); did you mean 'isocurrencycode'?",
    ),
    "polymorphic lookup without targets": (
        "transactioncurrencyid.isocurrencycode",
        "customerid.accountnumber",
        "15: lookup 'customerid' may point at account or contact; "
        "say which field of each: customerid.Account(field).Contact(field)",
    ),
    "wrong target": (
        "transactioncurrencyid.isocurrencycode",
        "customerid.Acount(accountnumber)",
        "15: lookup 'customerid' never points at 'Acount' (DIPV1022); did you mean 'account'?",
    ),
    "unknown source key": (
        "key: [accountnumber]",
        "key: [acountnumber]",
        "8: sales accounts has no field 'acountnumber' (DIPV1022); did you mean 'accountnumber'?",
    ),
    "key that is none": (
        "key: [CustomerAccount]",
        "key: [AddressCity]",
        "11: AddressCity is no key of operations CustomersV2 (DIPV1003); keys: CustomerAccount",
    ),
    "key that is not mapped": (
        "- {to: CustomerAccount, from: accountnumber}\n",
        "\n",
        "11: key field 'CustomerAccount' is not mapped (DIPV1014); map it",
    ),
    "mandatory field that is not mapped": (
        "- {to: OrganizationName, from: name, transforms: [truncate]}\n",
        "\n",
        "8: mandatory field 'OrganizationName' of operations CustomersV2 is not mapped (DIPV1010); "
        "map it, or give a default",
    ),
    "read-only destination": (
        LAST,
        "- {to: RecordState, default: new}",
        "19: operations CustomersV2 does not let 'RecordState' be written (DIPV1011); take it out of the field map",
    ),
    "field mapped twice": (
        LAST,
        "- {to: CreditLimit, from: creditlimit}",
        "19: field 'CreditLimit' is mapped twice (DIPV1023); remove one",
    ),
    "company as destination": (
        LAST,
        "- {to: dataAreaId, default: usmf}",
        "19: field 'dataAreaId' holds the company, which never stands in a field map; "
        "take it out; the organization mapping of the connection set fills it",
    ),
    "company behind a lookup": (
        LAST,
        "- {to: Account_Organization_OrganizationId, default: ORG001}",
        "19: field 'Account_Organization_OrganizationId' holds the company",
    ),
    "company as source": (
        "from: creditlimit",
        "from: Organization_OrganizationId",
        "17: field 'Organization_OrganizationId' holds the company",
    ),
    "default that is no member": (
        'default: "Yes"',
        "default: Yess",
        "19: 'IsExternallyMaintained': 'Yess' is not one of the values of NoYes; did you mean 'Yes'? (DIPV1030)",
    ),
    "types that do not fit": (
        "from: birthdate, transforms: [date: instant]",
        "from: birthdate",
        "18: 'BirthDateTime' takes a point in time, not a calendar day (DIPV1030); add one of the transforms",
    ),
    "filter that cannot be read": (
        "statecode eq 0 and",
        "statecode equals 0 and",
        "10: filter cannot be read: ",
    ),
    "filter with an unknown field": (
        "statecode eq 0",
        "statcode eq 0",
        "10: filter names 'statcode', which sales accounts does not have (DIPV1012); did you mean 'statecode'?",
    ),
    "filter on another row": (
        "statecode eq 0",
        "transactioncurrencyid/isocurrencycode eq 'EUR'",
        "10: filter looks at another row: transactioncurrencyid/isocurrencycode (DIPV1012); "
        "use fields of accounts itself",
    ),
}


@pytest.mark.parametrize(("old", "new", "message"), PROBLEMS.values(), ids=PROBLEMS.keys())
def test_a_mistake_is_named_with_file_line_and_way_out(old: str, new: str, message: str) -> None:
    assert old in GOOD
    found = problems_of(GOOD.replace(old, new))
    assert [problem for problem in found if problem.startswith(f"customers.yaml:{message}")], found


def test_all_mistakes_are_listed_at_once() -> None:
    text = GOOD.replace("from: creditlimit", "from: creditlimt").replace("statecode", "statcode")
    assert [problem.split(":")[1] for problem in problems_of(text)] == ["10", "17"]


def test_a_task_needs_only_tasks_before_it() -> None:
    text = GOOD.replace("task: Customers", "task: Customers\n    needs: [Later]")
    later = GOOD[GOOD.index("  - task") :].replace("task: Customers", "task: Later")
    assert problems_of(text + later) == [
        "customers.yaml:6: task 'Customers' needs 'Later', which does not come before it; change their order"
    ]
