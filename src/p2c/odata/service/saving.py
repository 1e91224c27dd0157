"""Writes rows: finds them, checks them, runs the rules, stores them; every step for the whole batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from p2c.database.session import Session
from p2c.edm.change import Change, Problem, ProblemKind, accepted
from p2c.edm.entity import Entity, Model
from p2c.edm.keys import new_guid
from p2c.edm.values import EdmType, Row, Value
from p2c.errors import RetryError
from p2c.odata.service.access import demand_changes, demand_delete, demand_owners
from p2c.odata.service.checks import check_choices, check_range, check_required, check_unique
from p2c.odata.service.identity import Absent, Found, Resolver, several_rows
from p2c.odata.service.lookups import fill_lookups
from p2c.odata.service.rules import NoRules, TableRules
from p2c.odata.service.writes import Address, Mode, Outcome, Write

Rules: TypeAlias = "Mapping[str, TableRules]"
_NO_RULES = NoRules()


class Saver:
    """Saves and deletes rows of one model in one session."""

    def __init__(self, model: Model, rules: Rules, session: Session) -> None:
        self._model = model
        self._rules = rules
        self._session = session
        self._resolver = Resolver(model, session)

    def save(self, entity: Entity, writes: Sequence[Write]) -> list[Outcome]:
        """
        Write rows; one outcome a write, in order. Refused rows are not written, the others are.

        A caller that wants all or nothing rolls the session back when an outcome has a problem.

        Raises:
            RequestError: The caller may not write one of the rows.
            RetryError: Another writer made a row to upsert after it was looked for.
        """
        problems = fill_lookups(self._model, self._resolver, entity, writes)
        absent: Absent = {}
        changes = self._changes(entity, writes, problems, absent)
        demand_changes(entity, changes.values())
        rules = self._rules.get(entity.table.name, _NO_RULES)
        check_choices(entity, changes.values())
        check_range(entity, accepted(changes.values()))
        check_required(entity, accepted(changes.values()))
        rules.before_save(accepted(changes.values()), self._session)
        check_range(entity, accepted(changes.values()))
        check_unique(entity, accepted(changes.values()), self._session, absent)
        self._check_appeared(writes, changes)
        good = accepted(changes.values())
        demand_owners(entity, good)
        self._store(entity, good)
        rules.after_save(good, self._session)
        return [self._outcome(write, changes.get(write.number), problems.get(write.number)) for write in writes]

    def find(self, addresses: Sequence[Address]) -> Found:
        """Primary keys of the rows at these addresses."""
        return self._resolver.addresses(addresses)

    def delete(self, entity: Entity, keys: Sequence[Value]) -> list[Problem | None]:
        """Delete rows by primary key; for each why not, or None. Rows that do not exist are a problem."""
        table = entity.table
        stored = {
            row[table.primary_key]: row for row in self._session.rows(table.name, table.primary_key, keys, lock=True)
        }
        rows = list(stored.values())
        demand_delete(entity, rows)
        verdicts = self._rules.get(table.name, _NO_RULES).before_delete(rows, self._session)
        refused = {row[table.primary_key]: verdict for row, verdict in zip(rows, verdicts, strict=True)}
        self._session.delete(table.name, [key for key in stored if refused[key] is None])
        missing = Problem(ProblemKind.NOT_FOUND, f"no row of {entity.name} has this key")
        return [refused[key] if key in stored else missing for key in keys]

    def _changes(
        self, entity: Entity, writes: Sequence[Write], problems: dict[int, Problem], absent: Absent
    ) -> dict[int, Change]:
        """Changes of the writes that are sound so far, by number, with stored rows locked and loaded; keys that were
        looked for in vain go to `absent`."""
        sound = [write for write in writes if write.number not in problems]
        keys = self._find(entity, sound, problems, absent)
        table = entity.table
        stored = {
            row[table.primary_key]: row
            for row in self._session.rows(table.name, table.primary_key, keys.values(), lock=True)
        }
        changes: dict[int, Change] = {}
        seen: set[Value | Address] = set()
        for write in sound:
            if write.number in problems:
                continue
            key = keys.get(write.number)
            row = stored.get(key)
            same = key if key is not None else write.address
            problem = self._mode_problem(entity, write, row)
            if problem is None and same is not None and same in seen:
                problem = Problem(
                    ProblemKind.DUPLICATE_KEY,
                    f"the batch names {same} twice; send each row once",
                    field=entity.key[0],
                    value=str(same),
                )
            if problem is not None:
                problems[write.number] = problem
                continue
            if same is not None:
                seen.add(same)
            changes[write.number] = Change(write.number, key, self._column_values(entity, write, row), row)
        self._complete_creates(entity, [change for change in changes.values() if change.is_create])
        return changes

    def _find(
        self, entity: Entity, writes: Sequence[Write], problems: dict[int, Problem], absent: Absent
    ) -> dict[int, Value]:
        """The primary key that each write names: a stored row's, or the client's own choice for a new one."""
        primary = entity.table.primary_key
        keys: dict[int, Value] = {}
        by_address: list[Write] = []
        for write in writes:
            if write.address is None:
                keys[write.number] = write.values.get(primary)
            elif write.address.names == (primary,):
                keys[write.number] = write.address.values[0]
            else:
                by_address.append(write)
        found = self._resolver.addresses(write.address for write in by_address if write.address is not None)
        absent.update(found.absent)
        for write in by_address:
            if write.address is not None:
                keys[write.number] = found.keys.get(write.address)
                if write.address in found.several:
                    problems[write.number] = several_rows(entity, write.address)
        return keys

    def _check_appeared(self, writes: Sequence[Write], changes: Mapping[int, Change]) -> None:
        """A new row refused as a double may be one that another writer made meanwhile: then it is to update."""
        refused = [
            write.address
            for write in writes
            if write.mode is Mode.UPSERT
            and write.address is not None
            and (change := changes.get(write.number)) is not None
            and change.is_create
            and change.problem is not None
            and change.problem.kind is ProblemKind.DUPLICATE_KEY
        ]
        if refused and self._resolver.addresses(refused).keys:
            raise RetryError("another writer made the row at the same time", way_out="try again")

    def _mode_problem(self, entity: Entity, write: Write, stored: Row | None) -> Problem | None:
        named = write.address or ""
        if stored is None and write.mode is Mode.UPDATE:
            return Problem(ProblemKind.NOT_FOUND, f"{named or 'the row'} does not exist; create it first")
        if stored is not None and write.mode is Mode.CREATE:
            field = entity.key[-1]
            return Problem(
                ProblemKind.EXISTS,
                f"{entity.name} already has a row {named or stored[entity.table.primary_key]}; update it instead",
                field=field,
                value=str(write.values.get(field, "")),
            )
        if write.etag is not None and (stored is None or stored["versionnumber"] != write.etag):
            return Problem(ProblemKind.VERSION, f"{named} has changed since it was read; read it again")
        return None

    def _column_values(self, entity: Entity, write: Write, stored: Row | None) -> Row:
        """Values by column; the values of the address are added for a new row and dropped for a stored one."""
        values: Row = write.values.copy()
        if not entity.renamed.keys().isdisjoint(values):
            values.update({column: values.pop(name) for name, column in entity.renamed.items() if name in values})
        if write.address is not None:
            for name, value in zip(write.address.names, write.address.values, strict=True):
                item = entity.property[name]
                if not item.path and stored is None:
                    values.setdefault(item.storage, value)
                elif not item.path:
                    values.pop(item.storage, None)
        return values

    def _complete_creates(self, entity: Entity, changes: Sequence[Change]) -> None:
        """Give new rows their primary key and the defaults of columns that nobody set."""
        table = entity.table
        primary = table.column[table.primary_key]
        counted = [change for change in changes if change.key is None and primary.type is not EdmType.GUID]
        for change, number in zip(counted, self._session.take(f"{table.name}:key", len(counted)), strict=True):
            change.key = number
        defaults = {column.storage: column.default for column in table.columns if column.default is not None}
        defaults.update({name: value for name, value in entity.where.items() if value is not None})
        for change in changes:
            if change.key is None:
                change.key = new_guid(self._session.now)
            values = {**defaults, **change.values, primary.storage: change.key}
            for name in defaults.keys() & change.values.keys():
                if values[name] is None:
                    values[name] = defaults[name]
            change.values = values

    def _store(self, entity: Entity, changes: Sequence[Change]) -> None:
        primary = entity.table.primary_key
        self._session.insert(entity.table.name, [change.values for change in changes if change.is_create])
        updates = [change for change in changes if not change.is_create]
        columns = _changed_columns(updates)
        rows = [
            {**{name: change.values[name] for name in columns if name in change.values}, primary: change.key}
            for change in updates
        ]
        self._session.update(entity.table.name, rows)

    def _outcome(self, write: Write, change: Change | None, problem: Problem | None) -> Outcome:
        if change is None or problem is not None:
            return Outcome(write.number, problem=problem)
        if change.problem is not None:
            return Outcome(write.number, problem=change.problem)
        return Outcome(write.number, change.key, created=change.is_create, values=change.values)


def _changed_columns(changes: Sequence[Change]) -> set[str]:
    """The columns that one change at least gives another value: what all rows have already is not written again."""
    changed: set[str] = set()
    for change in changes:
        stored = change.stored or {}
        if change.values.items() <= stored.items():
            continue
        for name in change.values.keys() - changed:
            if change.values[name] != stored.get(name):
                changed.add(name)
    return changed
