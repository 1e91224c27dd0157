"""A checkpoint is good for the map that it was reached with, and for no other."""

from __future__ import annotations

from dataclasses import replace

from p2c.integrator.connections import OrganizationMapping
from p2c.integrator.engine.fingerprint import fingerprint, opened, sealed
from p2c.integrator.mapping.template import FieldMap
from p2c.integrator.templates import shipped_templates

LEG = shipped_templates()["accounts"].tasks[0].legs[0]
COMPANIES = (OrganizationMapping("czmf", "ORG001", "Moravská obchodní"),)


def test_a_checkpoint_opens_with_the_map_that_sealed_it() -> None:
    mark = fingerprint(LEG, COMPANIES)
    assert opened(sealed("accounts?$deltatoken=7", mark), mark) == "accounts?$deltatoken=7"


def test_a_changed_map_condition_key_or_company_asks_for_everything() -> None:
    stored = sealed("accounts?$deltatoken=7", fingerprint(LEG, COMPANIES))
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
    assert sealed("", mark) == ""
