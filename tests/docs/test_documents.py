"""The documents agree with the code and with one another."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from p2c.integrator.mapping.codes import RejectCode
from p2c.integrator.outcome import RejectionStatus, Status
from p2c.odata.sql_functions import NOT_OFFERED
from p2c.settings import Service
from tests.docs.pages import CLI, DOCS, ENTITIES, cli_page, commands, with_lists

ROOT = DOCS.parent
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_COMMAND = re.compile(r"(?:`|^\$ |^   +\$ ?|^)p2c((?: [a-z]+)+)", re.MULTILINE)
_CODE = re.compile(r"^\| `([A-Z]+(?:-[A-Z]+)+)` \|", re.MULTILINE)
_VARIABLE = re.compile(r"\bP2C_[A-Z_]+\b")
_FENCED = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`[^`\n]*`")


def text(page: Path) -> str:
    """A page's text."""
    return page.read_text("utf-8")


def anchor(heading: str) -> str:
    """The anchor that a heading gets."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def short(page: Path) -> str:
    """A page's name in the list of tests."""
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in _LINK.findall(_INLINE.sub("", _FENCED.sub("", text(page)))):
        if target.startswith("https://"):
            continue
        path, _, fragment = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{target} does not exist"
        if fragment:
            assert fragment in {anchor(heading) for heading in _HEADING.findall(text(found))}, target


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_command_that_is_named_exists(page: Path) -> None:
    known = {name.removeprefix("p2c") for name in commands()}
    for words in _COMMAND.findall(text(page)):
        first = f" {words.split()[0]}"
        assert first in known, f"p2c{first}"


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_variable_that_is_named_exists(page: Path) -> None:
    known = {service.variable(what) for service in Service for what in ("PORT", "DATABASE_URL", "URL")}
    assert set(_VARIABLE.findall(text(page))) <= {*known, "P2C_DATA", "P2C_HISTORY_DAYS", "P2C_LANGUAGE", "P2C_LOG"}


def test_query_functions_that_are_not_offered_are_among_the_deviations() -> None:
    assert [name for name in NOT_OFFERED if f"`{name}`" not in text(DOCS / "deviations.md")] == []


def test_every_page_is_linked_from_another() -> None:
    linked = {
        (page.parent / target.partition("#")[0]).resolve()
        for page in PAGES
        for target in _LINK.findall(text(page))
        if not target.startswith("https://")
    }
    assert {page for page in PAGES if page.is_relative_to(DOCS)} <= {*linked, DOCS / "README.md"}


def test_the_reference_of_rejected_rows_has_exactly_the_codes_of_the_code() -> None:
    assert sorted(_CODE.findall(text(DOCS / "reference" / "rejected-rows.md"))) == sorted(
        code.value for code in RejectCode
    )


def test_every_status_is_explained() -> None:
    page = text(DOCS / "reference" / "counts-and-statuses.md")
    assert all(f"| `{status.value}` |" in page for status in (*Status, *RejectionStatus))


def test_the_words_of_the_glossary_are_sorted_and_occur_once() -> None:
    rows = [line.split("|")[1].strip() for line in text(DOCS / "glossary.md").splitlines() if line.startswith("| ")]
    words = rows[2:]
    assert words == sorted(set(words), key=str.lower)


def test_the_page_of_commands_says_what_help_says() -> None:
    """Otherwise: `python -m tests.docs.pages`."""
    assert text(CLI) == cli_page()


def test_the_lists_of_entities_follow_from_the_definitions() -> None:
    """Otherwise: `python -m tests.docs.pages`."""
    assert text(ENTITIES) == with_lists(text(ENTITIES))


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    folder = DOCS / "decisions"
    pages = sorted(page.name for page in folder.glob("0*.md"))
    assert [name[:4] for name in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    assert all(f"]({name}): {heading(folder / name)}" in text(folder / "README.md") for name in pages)


def heading(page: Path) -> str:
    """The title without its number."""
    return text(page).splitlines()[0].partition(". ")[2]
