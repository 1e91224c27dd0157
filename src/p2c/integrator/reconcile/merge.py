"""Walks through both sides by key and says how each row stands to the other side. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

import msgspec

from p2c.integrator.engine.comparing import FieldRule, Plain
from p2c.integrator.mapping.codes import RejectCode
from p2c.integrator.reconcile.finding import Finding, Kind, differences
from p2c.integrator.reconcile.spill import Record


def no_key(source_id: str) -> bytes:
    """The key of a source row whose key cannot be said: no other row has it, for no text begins with this byte."""
    return b"\xff" + source_id.encode()


class SourceRow(msgspec.Struct, array_like=True):
    """A source row as it is kept aside: what the map made of it, a value a rule, or why there is nothing to compare.

    `dismissed`: a person gave the row up.
    """

    company: str
    key: str
    source_id: str
    values: list[Plain] | None
    skipped: bool = False
    code: str = ""
    reason: str = ""
    field: str = ""
    value: str = ""
    dismissed: bool = False


class DestinationRow(msgspec.Struct, array_like=True):
    """A destination row as it is kept aside. `covered`: it is of a kind that the leg writes."""

    company: str
    key: str
    values: list[Plain]
    covered: bool = True


encode = msgspec.msgpack.Encoder().encode
_source = msgspec.msgpack.Decoder(SourceRow)
_destination = msgspec.msgpack.Decoder(DestinationRow)


@dataclass(frozen=True, slots=True)
class Merge:
    """
    Compares two sides that are sorted by key.

    `merges`: rows of several companies become one row at the destination, which then holds the values of one of them.
    """

    rules: Sequence[FieldRule]
    merges: bool = False

    def findings(self, source: Iterable[Record], destination: Iterable[Record]) -> Iterator[Finding]:
        """One finding a row of either side, by key."""
        for rows, there in _side_by_side(source, destination):
            found = [_destination.decode(body) for body in there]
            yield from self._one_key([_source.decode(body) for body in rows], found)

    def _one_key(self, rows: Sequence[SourceRow], there: Sequence[DestinationRow]) -> Iterator[Finding]:
        # A row that changes while it is read may come twice.
        mapped = list({row.source_id: row for row in rows if row.values is not None}.values())
        covered = any(row.covered for row in there)
        for row in rows:
            if row.values is None:
                yield _held_back(row, there=covered)
        if mapped:
            yield from self._compared(mapped, there)
        elif not rows:
            extra = next((row for row in there if row.covered), None)
            if extra is not None:
                yield Finding(kind=Kind.EXTRA, company=extra.company, key=extra.key)

    def _compared(self, rows: Sequence[SourceRow], there: Sequence[DestinationRow]) -> Iterator[Finding]:
        """Rows of one key; where only one of them may have it, the others are duplicates."""
        found = sorted((self._finding(row, there) for row in rows), key=_distance)
        yield found[0]
        settled = self.merges and _distance(found[0]) == 0
        for item in found[1:]:
            if self.merges:
                yield replace(item, kind=Kind.EQUAL, differences=()) if settled else item
            else:
                code = RejectCode.DUPLICATE_KEY
                yield replace(item, kind=Kind.REJECTED, differences=(), code=code.value, reason=code.meaning)

    def _finding(self, row: SourceRow, there: Sequence[DestinationRow]) -> Finding:
        finding = Finding(
            kind=Kind.MISSING, company=row.company, key=row.key, source_id=row.source_id, dismissed=row.dismissed
        )
        if not there:
            return finding
        wrong = min((differences(self.rules, row.values or [], other.values) for other in there), key=len)
        return replace(finding, kind=Kind.DIFFERENT if wrong else Kind.EQUAL, differences=wrong, there=True)


def _distance(finding: Finding) -> int:
    """How far the destination is from a row: the number of fields that somebody must have changed."""
    return sum(not difference.filled for difference in finding.differences)


def _held_back(row: SourceRow, *, there: bool) -> Finding:
    return Finding(
        kind=Kind.SKIPPED if row.skipped else Kind.REJECTED,
        company=row.company,
        key=row.key,
        source_id=row.source_id,
        there=there,
        code=row.code,
        reason=row.reason,
        field=row.field,
        value=row.value,
        dismissed=row.dismissed,
    )


def _side_by_side(source: Iterable[Record], destination: Iterable[Record]) -> Iterator[tuple[list[bytes], list[bytes]]]:
    """What both sides have of each key, in order of the keys."""
    ours, theirs = (groupby(side, itemgetter(0)) for side in (source, destination))
    one, other = next(ours, None), next(theirs, None)
    while one is not None or other is not None:
        take_ours = one is not None and (other is None or one[0] <= other[0])
        take_theirs = other is not None and (one is None or other[0] <= one[0])
        rows = [body for _, body in one[1]] if one is not None and take_ours else []
        there = [body for _, body in other[1]] if other is not None and take_theirs else []
        yield rows, there
        one = next(ours, None) if take_ours else one
        other = next(theirs, None) if take_theirs else other
