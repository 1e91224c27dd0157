"""Loads a CSV file: each record is written whole, or told with the reason why not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from p2c.edm.values import Row, Value
from p2c.errors import P2CError
from p2c.integrator.engine.refusals import refused
from p2c.integrator.mapping.codes import LOOKUP_CODES, Refused, RejectCode
from p2c.odata.client.environment import Environment, Upsert, Written
from p2c.text import _
from p2c.wiring.loading.file import CsvFile, Line
from p2c.wiring.loading.plan import Lookup, Plan
from p2c.wiring.loading.send import send_rows
from p2c.wiring.loading.text import text_reader

_PART = 5000
BROKEN_LINE = "BROKEN-LINE"
NOT_SENT = "NOT-SENT"


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A record that was not written. `code` is one of the reject codes, or of this module's two."""

    line: Line
    code: str
    field: str
    reason: str


@dataclass(slots=True)
class Loaded:
    """What became of a file's records. `stopped` is the error that ended the load before its end."""

    written: int = 0
    rejected: list[RejectedLine] = field(default_factory=list)
    stopped: P2CError | None = None


@dataclass(slots=True)
class _Record:
    line: Line
    values: Row
    lookups: dict[Lookup, Value]


async def load_file(
    environment: Environment, file: CsvFile, plan: Plan, *, advanced: Callable[[int], None] = lambda done: None
) -> Loaded:
    """
    Upsert the file's records by the plan's key, in the order of the file.

    Args:
        advanced: Told how many records are done altogether.

    Returns:
        The outcome; when the environment went away, with the records that were not sent among the rejected ones.
    """
    loaded = Loaded()
    reader = _Reader(plan, len(file.columns))
    targets: dict[Lookup, dict[Value, list[Value]]] = defaultdict(dict)
    for start in range(0, len(file.lines), _PART):
        lines = file.lines[start : start + _PART]
        try:
            await _load_part(environment, plan, reader, lines, targets, loaded, start, advanced)
        except P2CError as error:
            loaded.stopped = error
            told = {rejected.line.number for rejected in loaded.rejected}
            loaded.rejected += [
                RejectedLine(line, NOT_SENT, "", _("the load ended before; whether it was written is not known"))
                for line in file.lines[start:]
                if line.number not in told
            ]
            break
    loaded.rejected.sort(key=lambda rejected: rejected.line.number)
    return loaded


async def _load_part(
    environment: Environment,
    plan: Plan,
    reader: _Reader,
    lines: Sequence[Line],
    targets: dict[Lookup, dict[Value, list[Value]]],
    loaded: Loaded,
    start: int,
    advanced: Callable[[int], None],
) -> None:
    records = reader.records(lines, loaded.rejected)
    await _find_targets(environment, records, targets)
    sent: list[_Record] = []
    upserts: list[Upsert] = []
    for record in records:
        try:
            binds = {lookup.name: _bind(lookup, value, targets) for lookup, value in record.lookups.items()}
        except _FieldRefusedError as error:
            loaded.rejected.append(error.rejected(record.line))
            continue
        key = {name: record.values.pop(name) for name in plan.key}
        sent.append(record)
        upserts.append(Upsert(key, record.values, binds, exists=False))
    skipped = len(lines) - len(sent)
    results = await send_rows(
        environment, plan.entity.set_name, upserts, advanced=lambda done: advanced(start + skipped + done)
    )
    for record, result in zip(sent, results, strict=True):
        if result.written is Written.REFUSED:
            why = refused(result, record.values, (*plan.fields, *(lookup.name for lookup in plan.lookups)))
            loaded.rejected.append(RejectedLine(record.line, why.code, why.field, why.what))
        else:
            loaded.written += 1


class _FieldRefusedError(Exception):
    """A record that stays behind because of one field."""

    def __init__(self, code: RejectCode, field: str, reason: str) -> None:
        self.code = code
        self.field = field
        self.reason = reason
        super().__init__(reason)

    def rejected(self, line: Line) -> RejectedLine:
        return RejectedLine(line, self.code.value, self.field, self.reason)


class _Reader:
    """Turns lines into typed records; remembers the keys of the whole file."""

    def __init__(self, plan: Plan, width: int) -> None:
        self._plan = plan
        self._width = width
        entity = plan.entity
        self._readers = {name: text_reader(entity.property[name]) for name in plan.fields}
        self._seen: dict[tuple[Value, ...], int] = {}

    def records(self, lines: Sequence[Line], rejected: list[RejectedLine]) -> list[_Record]:
        """The sound lines; the others go to `rejected`."""
        found: list[_Record] = []
        for line in lines:
            if line.broken:
                reason = _("the quotes do not pair ({why})").format(why=line.broken)
                rejected.append(RejectedLine(line, BROKEN_LINE, "", reason))
                continue
            if len(line.cells) != self._width:
                reason = _("line {line} has {cells} cells, the header has {width}")
                text = reason.format(line=line.number, cells=len(line.cells), width=self._width)
                rejected.append(RejectedLine(line, BROKEN_LINE, "", text))
                continue
            try:
                found.append(self._record(line))
            except _FieldRefusedError as refused:
                rejected.append(refused.rejected(line))
        return found

    def _record(self, line: Line) -> _Record:
        values: Row = {}
        for name, source in self._plan.fields.items():
            try:
                values[name] = self._readers[name](source.text(line.cells))
            except Refused as refused:
                raise _FieldRefusedError(refused.code, name, refused.what) from refused
        key = tuple(values[name] for name in self._plan.key)
        for name, value in zip(self._plan.key, key, strict=True):
            if value is None:
                raise _FieldRefusedError(RejectCode.KEY_MISSING, name, _("the key is empty"))
        first = self._seen.setdefault(key, line.number)
        if first != line.number:
            reason = _("line {line} has the same key {key}").format(line=first, key=", ".join(map(str, key)))
            raise _FieldRefusedError(RejectCode.DUPLICATE_KEY, self._plan.key[-1], reason)
        lookups: dict[Lookup, Value] = {
            lookup: source.text(line.cells).strip() or None for lookup, source in self._plan.lookups.items()
        }
        return _Record(line, values, lookups)


async def _find_targets(
    environment: Environment, records: Sequence[_Record], targets: dict[Lookup, dict[Value, list[Value]]]
) -> None:
    """Add the primary keys of the rows that lookups name and that were not asked for yet."""
    wanted: dict[Lookup, set[Value]] = defaultdict(set)
    for record in records:
        for lookup, value in record.lookups.items():
            if value is not None and value not in targets[lookup]:
                wanted[lookup].add(value)
    for lookup, values in wanted.items():
        entity = environment.model.entity[lookup.target]
        read = text_reader(entity.property[lookup.field])
        typed: dict[Value, Value] = {}
        for value in values:
            targets[lookup][value] = []
            try:
                typed[value] = read(str(value))
            except Refused:
                continue
        rows = await environment.by_values(entity, (lookup.field,), lookup.field, list(typed.values()))
        found: dict[str, list[Value]] = defaultdict(list)
        for row in rows:
            found[str(row[lookup.field]).casefold()].append(row[entity.key[0]])
        for value, searched in typed.items():
            targets[lookup][value] = found[str(searched).casefold()]


def _bind(
    lookup: Lookup, value: Value, targets: Mapping[Lookup, Mapping[Value, list[Value]]]
) -> tuple[str, Value] | None:
    if value is None:
        return None
    found = targets[lookup][value]
    if len(found) == 1:
        return lookup.target, found[0]
    code = LOOKUP_CODES.get(lookup.target, RejectCode.LOOKUP_NOT_FOUND)
    if not found:
        reason = _("no {target} has {field} {value!r}; create it first, or correct the value")
    else:
        reason = _("{count} rows of {target} have {field} {value!r}; name it by another field")
    text = reason.format(target=lookup.target, field=lookup.field, value=value, count=len(found))
    raise _FieldRefusedError(code, lookup.name, text)
