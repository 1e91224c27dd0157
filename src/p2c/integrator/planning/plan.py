"""A plan as a file: one JSON line for its head, one a row that something would happen to, one for its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from p2c.errors import ConfigurationError
from p2c.integrator.outcome import Change, Counts, LegKey
from p2c.integrator.personal import Sight

FORMAT = 1


class Action(Enum):
    """What a run would do with a row."""

    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"
    """The source row is gone: what the task says of deletions happens."""
    REJECT = "reject"


class PlannedRow(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """
    One row that something would happen to; unchanged and skipped rows are only counted.

    `leg` counts from 0 among the plan's legs. `key` is the integration key as people read it, `company` the legal
    entity, `address` what identifies the row at the destination. `mark` stands for the values that would be written,
    `seen` for what the destination has of them now (empty: it has no such row), both as hex digits. A row without
    `mark` follows from one that the leg before would write: what that service adds by itself is not known yet. A
    rejected row has `code`, `field`, `value`, `reason` and `way_out` instead, and `changes` where both sides have some.
    """

    leg: int
    action: Action
    source_id: str
    key: str
    company: str = ""
    address: str = ""
    mark: str = ""
    seen: str = ""
    changes: tuple[Change, ...] = ()
    code: str = ""
    field: str = ""
    value: str = ""
    reason: str = ""
    way_out: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLeg:
    """A leg of a plan. `mark` stands for its map, `checkpoint` is where its reading began (None: everything).

    `source` and `destination` are `<environment>.<entity set>`; `skipped_because` counts by reason.
    """

    project: str
    task: str
    leg: int
    source: str
    destination: str
    mark: str
    checkpoint: str | None
    counts: Counts = field(default_factory=Counts)
    skipped_because: dict[str, int] = field(default_factory=dict)

    @property
    def key(self) -> LegKey:
        """Which leg of which project."""
        return LegKey(self.project, self.task, self.leg)


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What stands before the rows: the format, when and by whom the plan was made, and of what."""

    plan: int
    made_at: datetime
    made_by: str
    projects: tuple[str, ...]
    all_data: bool


class End(msgspec.Struct, frozen=True, kw_only=True):
    """What stands behind the rows: see `Plan`. A file without it was not written to its end."""

    legs: tuple[PlannedLeg, ...]
    notes: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(PlannedRow)


class PlanFile:
    """Writes a plan, row by row."""

    def __init__(self, path: Path, head: Head, sight: Sight) -> None:
        """
        Raises:
            ConfigurationError: The file cannot be written.
        """
        self._sight = sight
        self._closing = ExitStack()
        try:
            self._file: BinaryIO = self._closing.enter_context(path.open("wb"))
        except OSError as error:
            raise ConfigurationError(f"cannot be written ({error.strerror})", where=str(path)) from error
        self._line(head)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def row(self, row: PlannedRow) -> None:
        """Add a row, its values as far as they may be seen."""
        sight = self._sight
        changes = tuple(map(sight.change, row.changes))
        value = str(sight.value(row.field, row.value))
        reason = sight.words(row.reason, {row.field: row.value})
        self._line(msgspec.structs.replace(row, changes=changes, value=value, reason=reason))

    def end(self, end: End) -> None:
        """The plan is complete."""
        self._line(end)

    def _line(self, value: msgspec.Struct) -> None:
        self._file.write(_encoder.encode(value) + b"\n")


@dataclass(frozen=True, slots=True)
class Plan:
    """
    A plan that was written to its end; `rows` reads the file again each time it is asked.

    `notes` tell what has changed at the environments since the last run, `stopped` which tasks cannot run for that, and
    why: nothing of them is planned.
    """

    path: Path
    head: Head
    legs: tuple[PlannedLeg, ...]
    notes: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()

    @property
    def counts(self) -> Counts:
        """The counts of all legs together."""
        return sum((leg.counts for leg in self.legs), Counts())

    def rows(self) -> Iterator[PlannedRow]:
        """
        The rows in the order they were planned, leg by leg.

        Raises:
            ConfigurationError: A line of the file is no such row.
        """
        with self.path.open("rb") as file:
            next(file)
            before = next(file)
            for number, line in enumerate(file, start=2):
                row = _decoded(before)
                if row is None or row.leg >= len(self.legs):
                    raise ConfigurationError(
                        f"line {number} is no row of this plan",
                        where=str(self.path),
                        way_out="make it anew: `p2c plan`",
                    )
                yield row
                before = line


def _decoded(line: bytes) -> PlannedRow | None:
    try:
        return _decoder.decode(line)
    except msgspec.MsgspecError:
        return None


def read_plan(path: Path) -> Plan:
    """
    The plan in a file.

    Raises:
        ConfigurationError: It is not there, is no plan, or was not written to its end.
    """
    first = last = b""
    try:
        with path.open("rb") as file:
            for line in file:
                first = first or line
                last = line
        head = msgspec.json.decode(first, type=Head)
        end = msgspec.json.decode(last, type=End)
    except OSError as error:
        raise ConfigurationError(f"cannot be read ({error.strerror})", where=str(path)) from error
    except msgspec.MsgspecError as error:
        raise ConfigurationError(
            "this is no plan, or it was not written to its end", where=str(path), way_out="make it anew: `p2c plan`"
        ) from error
    if head.plan != FORMAT:
        raise ConfigurationError(
            f"the plan has format {head.plan}, this version reads {FORMAT}",
            where=str(path),
            way_out="make it anew: `p2c plan`",
        )
    return Plan(path, head, end.legs, end.notes, end.stopped)
