"""The reference pages say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from p2c.integrator.mapping.codes import CHOICE_CODES, LOOKUP_CODES, RejectCode
from p2c.integrator.mapping.parse import parse_template
from p2c.integrator.mapping.transforms.declare import Transform
from p2c.integrator.mapping.transforms.registry import TRANSFORMS

REFERENCE = Path(__file__).parents[4] / "docs" / "reference"
FIELD = """\
template: t
label: T
form: direct
version: 1
tasks:
  - task: T
    legs:
      - source: {{environment: sales, entity: accounts, key: [a]}}
        destination: {{environment: operations, entity: CustomersV2, key: [b]}}
        fields:
          {field}
"""


def page(name: str) -> str:
    """The text of a reference page."""
    return (REFERENCE / name).read_text("utf-8")


@pytest.mark.parametrize("code", RejectCode)
def test_every_code_stands_in_the_reference(code: RejectCode) -> None:
    assert f"| `{code.value}` | {code.meaning} | {code.way_out} |" in page("rejected-rows.md")


def test_special_codes_are_of_the_list() -> None:
    assert {*LOOKUP_CODES.values(), *CHOICE_CODES.values()} <= set(RejectCode)


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS.keys())
def test_every_transform_stands_in_the_reference_with_its_arguments(transform: Transform) -> None:
    text = page("templates.md")
    assert f"| `{transform.name}` | `{transform.example}` | {transform.summary} |" in text
    for parameter in transform.parameters:
        needed = " (needed)" if parameter.required else ""
        assert f"| `{transform.name}` | `{parameter.name}`{needed} | {parameter.help} |" in text


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS.keys())
def test_the_example_of_a_transform_can_be_used(transform: Transform) -> None:
    sources = "[a, b]" if transform.join else "a"
    parse_template(FIELD.format(field=f"- {{to: b, from: {sources}, transforms: [{transform.example}]}}"))


def test_the_examples_of_the_page_can_be_loaded() -> None:
    whole, fields = re.findall(r"```yaml\n(.*?)```", page("templates.md"), re.DOTALL)
    assert parse_template(whole).name == "customers"
    indented = fields.replace("\n", "\n          ")
    assert len(parse_template(FIELD.format(field=indented)).tasks[0].legs[0].fields) == 5
