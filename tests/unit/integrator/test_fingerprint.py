"""A checkpoint is good for the map that it was reached with, and for no other."""

from __future__ import annotations

from dataclasses import replace

from p2c.integrator.connections import OrganizationMapping
from p2c.integrator.engine.fingerprint import fingerprint, moved, opened, sealed
from p2c.integrator.mapping.template import FieldMap
from p2c.integrator.templates import shipped_templates

LEG = shipped_templates()["accounts"].tasks[0].legs[0]
ENDS = ("one", "two")
COMPANIES = (OrganizationMapping("czmf", "ORG001", "Moravská obchodní"),)


def test_a_checkpoint_opens_with_the_map_that_sealed_it() -> None:
    mark = fingerprint(LEG, COMPANIES)
    assert opened(sealed("accounts?$deltatoken=7", mark, ENDS), mark) == "accounts?$deltatoken=7"


def test_a_changed_map_condition_key_or_company_asks_for_everything() -> None:
    stored = sealed("accounts?$deltatoken=7", fingerprint(LEG, COMPANIES), ENDS)
    changed = (
        (replace(LEG, fields=(*LEG.fields, FieldMap("Description", default="x"))), COMPANIES),
        (replace(LEG, query="SELECT * FROM accounts"), COMPANIES),
        (replace(LEG, where=LEG.where[1:]), COMPANIES),
        (replace(LEG, source=replace(LEG.source, key=("name",))), COMPANIES),
        (LEG, (*COMPANIES, OrganizationMapping("semf", "ORG003", "Östersjöns Handel"))),
    )
    for leg, companies in changed:
        assert opened(stored, fingerprint(leg, companies)) is None


def test_where_a_field_map_stands_in_its_file_does_not_count() -> None:
    moved = replace(LEG, fields=tuple(replace(item, line=item.line + 10) for item in LEG.fields))
    assert fingerprint(moved, COMPANIES) == fingerprint(LEG, COMPANIES)


def test_no_checkpoint_stays_none() -> None:
    mark = fingerprint(LEG, COMPANIES)
    assert opened(None, mark) is None
    assert opened(sealed("", mark, ENDS), mark) is None


def test_an_end_has_moved_when_it_says_another_name_than_before() -> None:
    """Also where the source tells no changes, so that the checkpoint is empty."""
    stored = sealed("", "mark", ["one", "two"])
    assert moved(stored, ["one", "two"]) == [False, False]
    assert moved(stored, ["other", "two"]) == [True, False]
    assert moved(stored, ["one", "other"]) == [False, True]


def test_an_end_that_does_not_say_who_it_is_has_not_moved() -> None:
    assert moved(sealed("x", "mark", ["", "two"]), ["one", ""]) == [False, False]
    assert moved("mark x", ["one", "two"]) == [False, False]
    assert moved(None, ["one", "two"]) == [False, False]
