"""Finds conflicts by field, and says which side's value stays. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from p2c.edm.values import Row, Value
from p2c.errors import RejectedRowError
from p2c.integrator.engine.comparing import FieldRule, Plain, plain
from p2c.integrator.mapping.codes import RejectCode
from p2c.integrator.mapping.template import OnConflict
from p2c.integrator.outcome import Change

_MARK, _DIGEST = 2, 4
"""Bytes that stand for the names of the fields, and for one value."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What becomes of a row that both sides may have changed.

    `left_out` are fields that are not sent: the source has not changed them, or the destination's value stays. `kept`
    are those of them for which the destination won a conflict. `error` is set where people must decide, between the
    destination's values and the new ones of `changes`.
    """

    left_out: frozenset[str] = frozenset()
    kept: tuple[str, ...] = ()
    error: RejectedRowError | None = None
    changes: tuple[Change, ...] = ()


AS_IT_IS = Settlement()
"""Everything is sent."""


def remembered(rules: Sequence[FieldRule], mapped: Mapping[str, Value], found: Row) -> bytes:
    """What is kept of a delivered row to find conflicts later: for each field what was sent, and what is there now."""
    parts = [_mark(rules)]
    for rule in rules:
        parts += (_digest(plain(mapped[rule.name])), _digest(plain(found[rule.name])))
    return b"".join(parts)


def unchanged(rules: Sequence[FieldRule], mapped: Mapping[str, Value], kept: bytes) -> frozenset[str]:
    """The fields for which the source asks for what it asked for when the row was last delivered, so that no run sends
    them; none where nobody remembers. `mapped` may have some of the fields only."""
    if kept[:_MARK] != _mark(rules):
        return frozenset()
    return frozenset(
        rule.name
        for start, rule in zip(range(_MARK, len(kept), 2 * _DIGEST), rules, strict=True)
        if rule.name in mapped and kept[start : start + _DIGEST] == _digest(plain(mapped[rule.name]))
    )


def settle(
    rules: Sequence[FieldRule],
    policy: OnConflict,
    mapped: Mapping[str, Value],
    found: Row,
    kept: bytes,
    changed_at: tuple[Value, Value],
    lost: Collection[str] = (),
) -> Settlement:
    """
    Which fields of a known row are sent.

    Args:
        mapped: The values that the source asks for.
        found: The destination row as it is.
        kept: What was remembered when the row was last delivered; without it nobody knows what has changed since, and
            the source's values are sent.
        changed_at: When the source row and the destination row were last changed, for OnConflict.NEWEST.
        lost: Fields whose values went at the destination, by nobody's decision: they are sent.
    """
    if policy is OnConflict.SOURCE or kept[:_MARK] != _mark(rules):
        return AS_IT_IS
    left_out = unchanged(rules, mapped, kept).difference(lost)
    conflicts: list[Change] = []
    for place, rule in enumerate(rules):
        if rule.name in left_out or rule.name in lost:
            continue
        wanted, there = plain(mapped[rule.name]), plain(found[rule.name])
        start = _MARK + 2 * _DIGEST * place + _DIGEST
        if kept[start : start + _DIGEST] != _digest(there) and not rule.same(wanted, there):
            conflicts.append(Change(rule.name, there, wanted))
    if not conflicts:
        return Settlement(left_out)
    if policy is OnConflict.ASK:
        return Settlement(error=_asked(conflicts), changes=tuple(conflicts))
    if policy is OnConflict.NEWEST and _is_later(*changed_at):
        return Settlement(left_out)
    kept_there = tuple(change.field for change in conflicts)
    return Settlement(left_out.union(kept_there), kept_there)


def _is_later(source: Value, destination: Value) -> bool:
    """Whether the source row was changed later, by whole seconds, as Dataverse tells them; in one second the source's
    change counts."""
    if not isinstance(source, datetime) or not isinstance(destination, datetime):
        return isinstance(source, datetime)
    return source.replace(microsecond=0) >= destination.replace(microsecond=0)


def _asked(conflicts: Sequence[Change]) -> RejectedRowError:
    code = RejectCode.BOTH_CHANGED
    return RejectedRowError(
        code.value,
        f"both sides have changed since the last run: {', '.join(change.field for change in conflicts)}",
        field=conflicts[0].field,
        value=conflicts[0].new,
        way_out=code.way_out,
    )


def _mark(rules: Sequence[FieldRule]) -> bytes:
    return hashlib.blake2b("\0".join(rule.name for rule in rules).encode(), digest_size=_MARK).digest()


def _digest(value: Plain) -> bytes:
    return hashlib.blake2b(repr(value).encode(), digest_size=_DIGEST).digest()
