"""A leg answers for rows of the kind that it writes, and for no others in the same entity."""

from __future__ import annotations

import pytest

from p2c.commondata.model import MODEL as COMMONDATA
from p2c.edm.values import Row
from p2c.integrator.mapping.coverage import coverage
from p2c.integrator.mapping.parse import parse_template
from p2c.operations.model import MODEL as OPERATIONS
from p2c.sales.model import MODEL as SALES

MODELS = {"sales": SALES, "commondata": COMMONDATA, "operations": OPERATIONS}
TEXT = """
template: t
label: T
form: direct
version: 1
tasks:
  - task: T
    legs:
      - source: {{environment: commondata, entity: Accounts, key: [AccountId]}}
        where: [{where}]
        destination: {{environment: operations, entity: CustomersV2, key: [CustomerAccount]}}
        fields:
          - {{to: CustomerAccount, from: AccountId}}
          - {{to: PartyType, from: PartyType}}
          - {{to: SiteId, default: "1"}}
          - {{to: IsExternallyMaintained, default: "Yes"}}
"""


def covered(where: str) -> Row:
    text = f'{{filter: "{where}", because: of it}}' if where else ""
    leg = parse_template(TEXT.format(where=text), "test").tasks[0].legs[0]
    source, destination = MODELS[leg.source.environment], MODELS[leg.destination.environment]
    ends = source.entity_set[leg.source.entity], destination.entity_set[leg.destination.entity]
    return dict(coverage(leg, *ends, source, destination))


def test_constants_in_fixed_lists_tell_whose_rows_they_are_and_free_ones_do_not() -> None:
    assert covered("") == {"IsExternallyMaintained": "Yes"}


@pytest.mark.parametrize(
    "where", ["PartyType eq 'Person'", "'Person' eq PartyType", "AccountId ne null and PartyType eq 'Person'"]
)
def test_a_condition_for_one_value_goes_through_the_map(where: str) -> None:
    assert covered(where) == {"IsExternallyMaintained": "Yes", "PartyType": "Person"}


@pytest.mark.parametrize(
    "where", ["PartyType ne 'Person'", "PartyType eq 'Person' or PartyType eq 'Organization'", "Description eq 'x'"]
)
def test_other_conditions_tell_nothing(where: str) -> None:
    assert covered(where) == {"IsExternallyMaintained": "Yes"}
