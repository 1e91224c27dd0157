"""The target step: staged rows become writes and go through the saver and the rules, a thousand at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

from sqlalchemy.exc import DataError

from p2c.database.connect import first_line
from p2c.database.session import Session
from p2c.edm.values import Row, Value
from p2c.odata.packages.text_values import read_values
from p2c.odata.service.faults import RowRefusedError
from p2c.odata.service.saving import Saver
from p2c.odata.service.writes import Address, Mode, Write
from p2c.operations.packages.catalogue import DataEntity
from p2c.operations.packages.job import Tally
from p2c.operations.packages.staging import Refusal, Stage, StagedRow

_T = TypeVar("_T")
Recorder: TypeAlias = "Callable[[Session, Tally, Mapping[int, Refusal]], None]"


class SavingService(Protocol):
    """The part of the OData service that rows are written with."""

    def transact(self, work: Callable[[Session], _T]) -> _T:
        """Run work in a transaction, again when another writer got in between."""

    def saver(self, session: Session) -> Saver:
        """Writes rows in a session."""


@dataclass(frozen=True, slots=True)
class Target:
    """Writes staged rows: rows that exist are updated, the others created; a refused row leaves the others alone."""

    service: SavingService

    def save(self, entity: DataEntity, rows: Sequence[StagedRow], company: str, record: Recorder) -> Tally:
        """
        Write a batch. `record` is called in the same transaction with what came of it, once or, after a row that
        only the database could refuse, once a part.

        Raises:
            RetryError: The database stayed busy or went away.
        """

        def work(session: Session) -> Tally:
            tally, refusals = self._save_in(session, entity, rows, company)
            record(session, tally, refusals)
            return tally

        try:
            return self.service.transact(work)
        except (DataError, RowRefusedError, ArithmeticError) as error:
            if len(rows) > 1:
                middle = len(rows) // 2
                first = self.save(entity, rows[:middle], company, record)
                second = self.save(entity, rows[middle:], company, record)
                return _sum(first, second)
            reason = first_line(error) if isinstance(error, DataError) else str(error)
            return self._refuse(rows[0], reason, record)

    def _refuse(self, row: StagedRow, reason: str, record: Recorder) -> Tally:
        tally = Tally(target_errors=1)
        refusal = Refusal(Stage.TARGET, "", f"the row cannot be stored ({reason}); mend its values")
        self.service.transact(lambda session: record(session, tally, {row.number: refusal}))
        return tally

    def _save_in(
        self, session: Session, entity: DataEntity, rows: Sequence[StagedRow], company: str
    ) -> tuple[Tally, dict[int, Refusal]]:
        saver = self.service.saver(session)
        created = updated = 0
        refusals: dict[int, Refusal] = {}
        for group in _groups(entity, [_write(entity, row, company) for row in rows]):
            for outcome in saver.save(entity.entity, group):
                if outcome.problem is not None:
                    refusals[outcome.number] = Refusal(Stage.TARGET, outcome.problem.field, outcome.problem.message)
                elif outcome.created:
                    created += 1
                else:
                    updated += 1
        return Tally(created=created, updated=updated, target_errors=len(refusals)), refusals


def key_text(entity: DataEntity, values: Mapping[str, str], number: int) -> str:
    """What a row is called in lists of errors: its key as it was sent, or its place in the file."""
    parts = [(name, values.get(name.upper(), "")) for name in entity.entity.key]
    own = [(name, value) for name, value in parts if name != entity.entity.company_property]
    if not all(value for _, value in own):
        return f"row {number}"
    return ",".join(f"{name}='{value}'" for name, value in parts if value)


def _write(entity: DataEntity, row: StagedRow, company: str) -> Write:
    values, problem = read_values(entity.fields, row.values)
    name = entity.entity.company_property
    if name:
        values[name] = str(values.get(name) or company).lower()
    address = _address(entity, values)
    mode = Mode.UPSERT if address is not None else Mode.CREATE
    return Write(row.number, mode, values, address, problem=problem)


def _address(entity: DataEntity, values: Row) -> Address | None:
    """The natural key; None when a part is missing that the service may fill by itself."""
    last = entity.entity.key[-1]
    key = tuple(_key_part(entity, values, name) for name in entity.entity.key)
    if any(part is None for part in key) or values.get(last) in (None, ""):
        return None
    return Address(entity.entity.name, entity.entity.key, key)


def _key_part(entity: DataEntity, values: Row, name: str) -> Value:
    """A key part; one that the file leaves out has its column's default (a dimension that is not used)."""
    item = entity.entity.property[name]
    value = values.get(name)
    return item.default if value is None else value


def _groups(entity: DataEntity, writes: Sequence[Write]) -> list[list[Write]]:
    """Writes in their order, split where a row comes again: the later one has to find the earlier one's."""
    groups: list[list[Write]] = [[]]
    seen: set[tuple[Value, ...]] = set()
    for write in writes:
        if write.address is not None:
            key = entity.entity.table.folded(write.address.values)
            if key in seen:
                groups.append([])
                seen.clear()
            seen.add(key)
        groups[-1].append(write)
    return groups


def _sum(first: Tally, second: Tally) -> Tally:
    return Tally(
        created=first.created + second.created,
        updated=first.updated + second.updated,
        target_errors=first.target_errors + second.target_errors,
    )
