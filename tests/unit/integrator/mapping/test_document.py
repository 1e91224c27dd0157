"""YAML as nodes that know their line."""

from __future__ import annotations

from decimal import Decimal

import pytest
import yaml

from p2c.integrator.mapping.document import Document
from p2c.integrator.mapping.problems import TemplateError
from p2c.integrator.mapping.template import Scalar


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "NO", "2020-01-31", "1_000", "0o17", "1e3", "12:30"])
def test_only_yaml_1_2_words_are_more_than_text(word: str) -> None:
    document = Document(word, "")
    assert isinstance(document.root, yaml.ScalarNode)
    assert document.text(document.root, "word") == word
    document.finish()


@pytest.mark.parametrize(
    ("spelled", "value"),
    [("true", True), ("false", False), ("null", None), ("~", None), ("-7", -7), ("1.50", Decimal("1.50"))],
)
def test_booleans_numbers_and_null_are_values(spelled: str, value: Scalar) -> None:
    document = Document(spelled, "")
    read = document.scalar(document.root, "word")
    assert (read, type(read)) == (value, type(value))


def test_a_key_given_twice_is_noted_and_the_first_counts() -> None:
    document = Document("a: 1\na: 2", "x.yaml")
    assert [document.scalar(node, "a") for _, node in document.entries(document.root, "it")] == [1]
    with pytest.raises(TemplateError, match=r"x\.yaml:2: it has the key 'a' twice; remove one"):
        document.finish()


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(TemplateError, match=r"x\.yaml:1: not YAML: nested too deeply"):
        Document("[" * 100_000, "x.yaml")
