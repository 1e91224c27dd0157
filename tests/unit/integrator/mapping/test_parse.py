"""A template is read from YAML into values, or refused with everything that is wrong with it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from p2c.integrator.mapping.parse import parse_template
from p2c.integrator.mapping.problems import TemplateError
from p2c.integrator.mapping.template import (
    Condition,
    End,
    FieldMap,
    Form,
    Leg,
    OnDelete,
    Scalar,
    SourceField,
    Task,
    Template,
    TransformCall,
)

CUSTOMERS = """\
template: customers
label: Customers
form: direct
version: 1
tasks:
  - task: Customers
    needs: [products]
    legs:
      - source: {environment: sales, entity: accounts, key: [accountnumber]}
        where:
          - {filter: statecode eq 0, because: inactive accounts stay}
        destination: {environment: operations, entity: CustomersV2, key: [CustomerAccount]}
        fields:
          - {to: CustomerAccount, from: accountnumber}
          - {to: SalesCurrencyCode, from: transactioncurrencyid.isocurrencycode, default: EUR}
          - {to: PartyNumber, from: customerid.Account(accountnumber).Contact(number)}
          - {to: NameAlias, from: [name, city], transforms: [concatenate, truncate: 20]}
          - {to: Flag, from: donotemail, transforms: [invert, value_map: {true: yes, no: 1.50, "": null}]}
          - {to: SiteId, default: 1}
"""


def problems_of(text: str) -> list[str]:
    """What is wrong with the text, one line each."""
    with pytest.raises(TemplateError) as error:
        parse_template(text, "customers.yaml")
    return [str(problem) for problem in error.value.problems]


def changed(*changes: tuple[str, str]) -> str:
    """The template of this module with parts replaced."""
    text = CUSTOMERS
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def test_a_template_becomes_typed_values() -> None:
    assert parse_template(CUSTOMERS, "customers.yaml") == Template(
        name="customers",
        label="Customers",
        form=Form.DIRECT,
        version=1,
        tasks=(
            Task(
                name="Customers",
                needs=("products",),
                legs=(
                    Leg(
                        source=End("sales", "accounts", ("accountnumber",)),
                        destination=End("operations", "CustomersV2", ("CustomerAccount",)),
                        where=(Condition("statecode eq 0", "inactive accounts stay"),),
                        fields=(
                            FieldMap("CustomerAccount", (SourceField("accountnumber"),)),
                            FieldMap(
                                "SalesCurrencyCode",
                                (SourceField("isocurrencycode", "transactioncurrencyid"),),
                                default="EUR",
                            ),
                            FieldMap(
                                "PartyNumber",
                                (
                                    SourceField(
                                        lookup="customerid",
                                        targets=(("Account", "accountnumber"), ("Contact", "number")),
                                    ),
                                ),
                            ),
                            FieldMap(
                                "NameAlias",
                                (SourceField("name"), SourceField("city")),
                                (TransformCall("concatenate"), TransformCall("truncate", (("length", 20),))),
                            ),
                            FieldMap(
                                "Flag",
                                (SourceField("donotemail"),),
                                (
                                    TransformCall("invert"),
                                    TransformCall("value_map", (("true", "yes"), ("no", Decimal("1.50")), ("", None))),
                                ),
                            ),
                            FieldMap("SiteId", default=1),
                        ),
                    ),
                ),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("words", "on_delete", "inactive"),
    [
        ("needs: []", OnDelete.IGNORE, ()),
        ("on_delete: ignore", OnDelete.IGNORE, ()),
        ("on_delete: delete", OnDelete.DELETE, ()),
        (
            "on_delete: {deactivate: {OnHoldStatus: All, Days: 3}}",
            OnDelete.DEACTIVATE,
            (("OnHoldStatus", "All"), ("Days", 3)),
        ),
    ],
)
def test_a_task_says_what_becomes_of_deleted_rows(
    words: str, on_delete: OnDelete, inactive: tuple[tuple[str, Scalar], ...]
) -> None:
    (task,) = parse_template(changed(("needs: [products]", words))).tasks
    assert (task.on_delete, task.inactive) == (on_delete, inactive)


def test_everything_knows_its_line_and_the_template_its_file() -> None:
    template = parse_template(CUSTOMERS, "customers.yaml")
    task = template.tasks[0]
    leg = task.legs[0]
    assert template.file == "customers.yaml"
    assert (task.line, leg.line, leg.where[0].line) == (6, 9, 11)
    assert [item.line for item in leg.fields] == [14, 15, 16, 17, 18, 19]


@pytest.mark.parametrize(
    "spelled",
    [
        "accountnumber",
        "productid.productnumber",
        "customerid.Account(accountnumber).Contact(msdynce_contactnumber)",
        "parentcustomerid.Account(accountnumber)",
    ],
)
def test_a_source_field_is_named_in_rows_as_the_template_spells_it(spelled: str) -> None:
    assert SourceField.parse(spelled).name == spelled


PROBLEMS = {
    "unknown key": (("needs:", "need:"), "7: a task has no key 'need'; did you mean 'needs'?"),
    "unknown key of a field map": (
        ("{to: SiteId, default: 1}", "{to: SiteId, defualt: 1, default: 1}"),
        "19: a field map has no key 'defualt'; did you mean 'default'?",
    ),
    "missing key": (("label: Customers\n", ""), "1: the template lacks label; add it"),
    "repeated key": (("version: 1", "version: 1\nform: direct"), "5: the template has the key 'form' twice"),
    "unknown form": (
        ("form: direct", "form: dierct"),
        "3: there is no form 'dierct'; did you mean 'direct'?",
    ),
    "wrong version": (("version: 1", "version: one"), "4: version is 'one'; write a whole number, 1 or more"),
    "unknown environment": (
        ("environment: sales", "environment: sale"),
        "9: there is no environment 'sale'; did you mean 'sales'?",
    ),
    "no key": (("[accountnumber]", "[]"), "9: the integration key has no fields (DIPV1003); name the fields"),
    "legs do not fit the form": (
        ("form: direct", "form: via-cds"),
        "9: a task of the form via-cds has 2, here are 1 legs; add or remove legs, or change the form",
    ),
    "unknown transform": (
        ("truncate: 20", "truncat: 20"),
        "17: there is no transform 'truncat'; did you mean 'truncate'?",
    ),
    "unknown argument": (
        ("truncate: 20", "truncate: {lenght: 20}"),
        "17: truncate has no argument 'lenght'; did you mean 'length'?",
    ),
    "wrong argument": (
        ("truncate: 20", "truncate: many"),
        "17: argument length of truncate is 'many'; write a whole number, 1 or more",
    ),
    "wrong choice": (
        ("truncate: 20", "country: {form: alpha4}"),
        "17: argument form of country is 'alpha4'; did you mean 'alpha3'?",
    ),
    "missing argument": (
        ("truncate: 20", 'split: {separator: ","}'),
        "17: split lacks the argument part: number of the part, from 1",
    ),
    "no entries": (("truncate: 20", "value_map"), "17: value_map has no entries"),
    "nothing joins": (
        ("[concatenate, truncate: 20]", "[truncate: 20]"),
        "17: several sources, but nothing joins them; begin the transforms with concatenate or first",
    ),
    "joins one source": (
        ("[name, city]", "name"),
        "17: concatenate or first takes several sources; put it first, and list the sources under from:",
    ),
    "neither source nor default": (
        (", default: 1", ""),
        "19: a field map has neither source nor default (DIPV1021); add from: or default:",
    ),
    "not a field": (
        ("from: accountnumber}", "from: account number}"),
        "14: 'account number' is not a field; write field, lookup.field or lookup.Entity(field)",
    ),
    "not a list": (
        ("[products]", "products"),
        "7: needs is not a list; begin each item with a dash, or write [a, b]",
    ),
    "unknown word for deletions": (
        ("needs: [products]", "on_delete: remove"),
        "7: on_delete is 'remove'; write ignore, delete or {deactivate: {field: value}}",
    ),
    "unknown word for conflicts": (
        ("needs: [products]", "on_conflict: latest"),
        "7: on_conflict is 'latest'; write source, destination, newest, ask",
    ),
    "nothing that makes inactive": (
        ("needs: [products]", "on_delete: {deactivate: {}}"),
        "7: nothing makes the row inactive; name fields with their values",
    ),
    "not a text": (("label: Customers", "label: 7"), "2: label is '7', not a text; put it in quotes"),
}


@pytest.mark.parametrize(("change", "message"), PROBLEMS.values(), ids=PROBLEMS.keys())
def test_a_mistake_is_named_with_file_line_and_way_out(change: tuple[str, str], message: str) -> None:
    assert problems_of(changed(change))[0].startswith(f"customers.yaml:{message}")


def test_all_mistakes_are_listed_in_the_order_of_the_lines() -> None:
    text = changed(("form: direct", "form: dierct"), ("truncate: 20", "truncat: 20"), ("needs:", "need:"))
    assert [problem.split(":")[1] for problem in problems_of(text)] == ["3", "7", "17"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "customers.yaml:1: the file is empty; write a template into it"),
        ("template: [", "customers.yaml:1: not YAML: "),
        ("a\n---\nb", "customers.yaml:2: not YAML: "),
        ("- template", "customers.yaml:1: the template is not a mapping"),
        ("a: \x00", "customers.yaml:1: not YAML: "),
    ],
)
def test_what_is_no_template_at_all_is_one_clear_line(text: str, message: str) -> None:
    assert problems_of(text)[0].startswith(message)


def test_legs_follow_one_another() -> None:
    """The second leg reads what the first one wrote."""
    leg = CUSTOMERS[CUSTOMERS.index("      - source") :]
    text = changed(("form: direct", "form: via-cds")) + leg
    assert problems_of(text) == [
        "customers.yaml:6: a leg does not read what the leg before it wrote; use the same entity"
    ]


def test_tasks_have_different_names() -> None:
    task = CUSTOMERS[CUSTOMERS.index("  - task") :]
    assert problems_of(CUSTOMERS + task) == ["customers.yaml:6: two tasks are named 'Customers'; rename one"]
