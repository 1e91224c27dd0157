"""The shipped templates fit the embedded environments; own ones are loaded from files."""

from __future__ import annotations

from pathlib import Path

import pytest

from p2c.commondata.model import MODEL as COMMONDATA
from p2c.edm.entity import Entity
from p2c.errors import ConfigurationError
from p2c.integrator.mapping.check import check
from p2c.integrator.mapping.compile import CompiledLeg, compile_leg
from p2c.integrator.mapping.problems import TemplateError
from p2c.integrator.mapping.template import Form, Leg, Template
from p2c.integrator.templates import load_template, load_templates, shipped_templates, shipped_text
from p2c.operations.model import MODEL as OPERATIONS
from p2c.sales.model import MODEL as SALES

MODELS = {"sales": SALES, "commondata": COMMONDATA, "operations": OPERATIONS}
NAMES = ("products", "accounts", "contacts", "contacts-to-customer", "quotes")
SHIPPED = shipped_templates()
LEGS = [
    pytest.param(leg, id=f"{template.name}/{task.name}/{number}")
    for template in SHIPPED.values()
    for task in template.tasks
    for number, leg in enumerate(task.legs, 1)
]
SMALL = """\
template: {name}
label: Small
form: direct
version: 1
tasks:
  - task: Currencies
    needs: [{needs}]
    legs:
      - source: {{environment: sales, entity: accounts, key: [accountnumber]}}
        destination: {{environment: operations, entity: CustomersV2, key: [CustomerAccount]}}
        fields:
          - {{to: CustomerAccount, from: accountnumber}}
"""


def ends(leg: Leg) -> tuple[Entity, Entity]:
    """The entities that the leg reads and writes."""
    return (
        MODELS[leg.source.environment].entity_set[leg.source.entity],
        MODELS[leg.destination.environment].entity_set[leg.destination.entity],
    )


def compiled(leg: Leg) -> CompiledLeg:
    """The leg over the embedded environments."""
    return compile_leg(leg, *ends(leg), MODELS[leg.source.environment], MODELS[leg.destination.environment])


def write(folder: Path, name: str, needs: str = "", file: str = "") -> Path:
    """A small template in a file of its name."""
    path = folder / f"{file or name}.yaml"
    path.write_text(SMALL.format(name=name, needs=needs), "utf-8")
    return path


def test_each_template_is_shipped_in_both_forms() -> None:
    assert set(SHIPPED) == {name + form for name in NAMES for form in ("", "-direct")}
    assert {name: template.form for name, template in SHIPPED.items()} == {
        name: Form.DIRECT if name.endswith("-direct") else Form.VIA_CDS for name in SHIPPED
    }


@pytest.mark.parametrize("template", SHIPPED.values(), ids=SHIPPED.keys())
def test_a_shipped_template_fits_the_environments(template: Template) -> None:
    check(template, MODELS)


@pytest.mark.parametrize("template", SHIPPED.values(), ids=SHIPPED.keys())
def test_a_template_comes_after_those_it_needs(template: Template) -> None:
    order = list(SHIPPED)
    own = {task.name for task in template.tasks}
    needed = {need for task in template.tasks for need in task.needs} - own
    assert needed <= set(order[: order.index(template.name)])


@pytest.mark.parametrize("leg", LEGS)
def test_every_leg_compiles(leg: Leg) -> None:
    assert compiled(leg).fields == tuple(item.to for item in leg.fields)


@pytest.mark.parametrize("leg", LEGS)
def test_every_condition_has_a_reason_for_people(leg: Leg) -> None:
    assert all(len(condition.because.split()) > 2 for condition in leg.where)


@pytest.mark.parametrize("name", ["quotes", "quotes-direct"])
def test_a_quote_with_a_product_that_operations_does_not_sell_stays_behind(name: str) -> None:
    leg = compiled(SHIPPED[name].tasks[0].legs[0])
    row = {"statecode": 1, "msdynce_hasexternallymaintainedproductsonly": False}
    assert leg.why_skipped(row) == "the quote has a product that Operations does not sell"
    assert leg.why_skipped(row | {"msdynce_hasexternallymaintainedproductsonly": True}) is None


def test_persons_and_organizations_of_the_hub_go_their_own_ways() -> None:
    accounts = compiled(SHIPPED["accounts"].tasks[0].legs[1])
    persons = compiled(SHIPPED["contacts-to-customer"].tasks[0].legs[1])
    assert accounts.why_skipped({"PartyType": "Organization"}) is None
    assert persons.why_skipped({"PartyType": "Person"}) is None
    assert accounts.why_skipped({"PartyType": "Person"}) == "persons become customers with Contacts to Customer"
    assert persons.why_skipped({"PartyType": "Organization"}) == "organizations become customers with Accounts"


def test_a_shipped_template_can_be_taken_as_the_start_of_an_own_one(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(shipped_text("accounts"), "utf-8")
    assert load_template(file) == SHIPPED["accounts"]


def test_an_unknown_template_names_the_nearest() -> None:
    with pytest.raises(ConfigurationError, match="there is no template 'acounts'; did you mean 'accounts'"):
        shipped_text("acounts")


def test_own_templates_come_from_files_and_folders_in_the_order_of_their_needs(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    write(folder, "alpha", needs="beta")
    write(folder, "beta")
    gamma = write(tmp_path, "gamma", needs="alpha")
    assert list(load_templates([gamma, folder])) == ["beta", "alpha", "gamma"]


def test_a_mistake_names_the_file_as_it_was_given(tmp_path: Path) -> None:
    file = write(tmp_path, "alpha")
    file.write_text(file.read_text("utf-8").replace("label:", "lable:"), "utf-8")
    with pytest.raises(TemplateError) as error:
        load_template(file)
    assert f"{file}:2: the template has no key 'lable'; did you mean 'label'?" in str(error.value)


def test_two_files_cannot_hold_the_same_template(tmp_path: Path) -> None:
    files = [write(tmp_path, "alpha"), write(tmp_path, "alpha", file="again")]
    with pytest.raises(ConfigurationError, match=r"again\.yaml: template 'alpha' stands in .*alpha\.yaml too"):
        load_templates(files)


def test_templates_that_need_one_another_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "alpha", needs="beta")
    write(tmp_path, "beta", needs="alpha")
    with pytest.raises(ConfigurationError, match="templates need one another: "):
        load_templates([tmp_path])


def test_a_file_that_cannot_be_read_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent\.yaml: cannot be read: No such file"):
        load_template(tmp_path / "absent.yaml")
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("template: účty".encode("iso-8859-2"))
    with pytest.raises(ConfigurationError, match="is not UTF-8 text; save it as UTF-8"):
        load_template(latin)
