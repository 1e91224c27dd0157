"""A match rule says what is compared; which field takes the destination's key follows from the field maps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from p2c.integrator.mapping.match import MatchPlan, plan_match
from p2c.integrator.mapping.parse import parse_template
from p2c.integrator.mapping.problems import TemplateError
from p2c.integrator.mapping.resolve import UnresolvedError
from p2c.integrator.mapping.template import MatchRule, Task
from p2c.integrator.store.template_text import template_text
from tests.unit.integrator.mapping.environments import MODELS
from tests.unit.integrator.mapping.test_check import GOOD

RULE = "    match: {on: {name: OrganizationName, city: AddressCity}, ignore_case: false}\n"
TASK = "  - task: Customers\n"
WITH_RULE = GOOD.replace(TASK, TASK + RULE)


def task(text: str) -> Task:
    """The only task of a template."""
    (found,) = parse_template(text).tasks
    return found


def plan(text: str = WITH_RULE) -> MatchPlan:
    """The plan of its match rule."""
    found = plan_match(task(text), MODELS)
    assert found is not None
    return found


def test_a_rule_is_read_and_written_back_as_it_was() -> None:
    assert task(WITH_RULE).match == MatchRule((("name", "OrganizationName"), ("city", "AddressCity")), False)
    template = parse_template(WITH_RULE)
    assert parse_template(template_text(template)) == template
    assert "match: {'on': {name: OrganizationName, city: AddressCity}, ignore_case: false}" in template_text(template)


def test_case_does_not_count_unless_it_is_said() -> None:
    text = WITH_RULE.replace(", ignore_case: false", "")
    assert plan(text).compared({"name": " Straße ", "city": "BRNO"}, 0) == ("strasse", "brno")
    assert plan().compared({"name": " Straße ", "city": "BRNO"}, 0) == ("Straße", "BRNO")


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_a_blank_value_is_compared_with_nothing(blank: str | None) -> None:
    assert plan().compared({"OrganizationName": "Adventure Works", "AddressCity": blank}, 1) is None


def test_the_key_is_followed_back_to_the_field_it_is_copied_from() -> None:
    assert plan().key == (("accountnumber", "CustomerAccount"),)
    assert plan().key_of({"accountnumber": None}, 0) == ("",)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("from: accountnumber}", "from: accountnumber, transforms: [truncate: 5]}", "no plain copy"),
        ("from: accountnumber}", "default: C-1}", "no plain copy"),
        ("from: accountnumber}", "from: accountid}", "'accountid' of accounts the key"),
        ("from: accountnumber}", "from: numberofemployees}", "it cannot take it"),
        ("name: OrganizationName,", "nam: OrganizationName,", "has no field 'nam'"),
        ("        where:", "        query: SELECT * FROM accounts\n        where:", "has a query has no match rule"),
    ],
)
def test_a_rule_that_cannot_work_is_refused(old: str, new: str, told: str) -> None:
    with pytest.raises(UnresolvedError) as error:
        plan(WITH_RULE.replace(old, new))
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("match: {}", "match lacks on"),
        ("match: {on: {}}", "match has no fields"),
        ("match: {on: {name: [a]}}", "the field for name is not a single value"),
        ("match: {on: {name: OrganizationName}, ignore_case: maybe}", "ignore_case is 'maybe'"),
        ("match: {on: {name: OrganizationName}, case: true}", "match has no key 'case'"),
    ],
)
def test_a_rule_that_cannot_be_read_names_the_way_out(rule: str, told: str) -> None:
    with pytest.raises(TemplateError) as error:
        parse_template(GOOD.replace(TASK, f"{TASK}    {rule}\n"), "customers.yaml")
    assert told in str(error.value)
    assert "customers.yaml:7" in str(error.value)


def test_a_task_without_a_rule_has_no_plan() -> None:
    assert plan_match(replace(task(WITH_RULE), match=None), MODELS) is None
