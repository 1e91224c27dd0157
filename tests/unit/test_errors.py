"""Errors are told in one line: where, what, the way out."""

from __future__ import annotations

from p2c.errors import P2CError, followed


def test_place_trouble_and_way_out_stand_in_one_line() -> None:
    assert str(P2CError("no project", where="setup", way_out="make one")) == "setup: no project; make one"
    assert str(P2CError("no project")) == "no project"


def test_after_a_question_no_semicolon_stands() -> None:
    """A hint asks for the word that was meant."""
    told = str(P2CError("there is no 'Al'; did you mean 'All'?", way_out="choose another value"))
    assert told == "there is no 'Al'; did you mean 'All'? choose another value"


def test_a_hint_that_is_no_question_is_told_apart_from_what_to_do() -> None:
    assert followed("known: a, b", "create it") == "known: a, b; create it"
