"""What a run did: counts, the state of each row, and the rows that could not be delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

import msgspec

from p2c.edm.values import Value


class Status(Enum):
    """How a run, or one of its legs, stands."""

    RUNNING = "running"
    COMPLETED = "completed"
    """Every row that was read was delivered, unchanged or skipped for a stated reason."""
    WARNING = "warning"
    """Some rows were rejected."""
    ERROR = "error"
    """It ended before its end; what was committed stays valid."""


class Cause(Enum):
    """Why a run ended by an error."""

    NONE = ""
    """It did not."""
    AWAY = "away"
    """An environment stayed away: the same run may pass later."""
    INTERRUPTED = "interrupted"
    """Its process was ended: the next run goes on."""
    REFUSED = "refused"
    """It cannot pass until somebody changes something."""


class Disposition(Enum):
    """What became of a source row the last time a leg met it."""

    DELIVERED = "delivered"
    SKIPPED = "skipped"
    REJECTED = "rejected"


class RejectionStatus(Enum):
    """Whether a rejected row still waits."""

    OPEN = "open"
    """Tried again at every run."""
    CLOSED = "closed"
    """Delivered, skipped or deleted at the source since."""
    DISMISSED = "dismissed"
    """Given up by a person."""


class LegKey(NamedTuple):
    """Names a leg of a project; `leg` counts from 1 within the task."""

    project: str
    task: str
    leg: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows by what became of them. `deleted` counts rows gone at the source; they were not read."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    rejected: int = 0
    deleted: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether every row that was read has exactly one outcome."""
        return self.read == self.created + self.updated + self.unchanged + self.skipped + self.rejected

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.read + other.read,
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.skipped + other.skipped,
            self.rejected + other.rejected,
            self.deleted + other.deleted,
        )


@dataclass(frozen=True, slots=True)
class Steps:
    """Seconds that batches spent in each step of a leg.

    Batches are carried side by side, so that together they may be more than the leg took.
    """

    read: float = 0.0
    """Waiting for pages of the source and for the rows that its lookups point at."""
    map: float = 0.0
    """Mapping rows and deciding what the destination needs."""
    match: float = 0.0
    """Asking what is remembered of rows, and what the destination has."""
    write: float = 0.0
    """Until the destination has acknowledged."""
    record: float = 0.0
    """Keeping the outcome."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a leg has come: totals since it began, of what is committed.

    `requests` and `retries` are HTTP calls, `writes` rows sent to the destination that it has answered for, `seconds`
    wall time. `waited` are seconds that requests were held back because an environment asked for it, or did not answer.
    """

    counts: Counts = field(default_factory=Counts)
    skipped_because: Mapping[str, int] = field(default_factory=dict)
    requests: int = 0
    retries: int = 0
    writes: int = 0
    bytes_read: int = 0
    bytes_written: int = 0
    seconds: float = 0.0
    waited: float = 0.0
    steps: Steps = field(default_factory=Steps)

    def __add__(self, other: Progress) -> Progress:
        return Progress(**_each(self, other, 1))

    def __sub__(self, other: Progress) -> Progress:
        return Progress(**_each(self, other, -1))


def _each(one: Any, other: Any, times: int) -> dict[str, Any]:
    """Each number of one dataclass with so many times the same of another."""
    names = [item.name for item in fields(one)]
    return {name: _added(getattr(one, name), getattr(other, name), times) for name in names}


def _added(one: Any, other: Any, times: int) -> Any:
    if isinstance(one, Counts | Steps):
        return type(one)(**_each(one, other, times))
    if isinstance(one, Mapping):
        numbers = {name: one.get(name, 0) + times * other.get(name, 0) for name in {**one, **other}}
        return {name: number for name, number in numbers.items() if number}
    return one + times * other


@dataclass(frozen=True, slots=True)
class CarriedParts:
    """How many parts of a divided leg a worker has carried to their end or has now, and the rows of them so far.

    A part that was taken over counts for the last one. `worker` is a machine and a process there, empty for parts that
    nobody has had yet.
    """

    worker: str
    parts: int
    rows: int


@dataclass(frozen=True, slots=True)
class Versions:
    """What a leg ran by: the project as it was changed that often, and the template that it was made from.

    A version of 0 is not known: the run is older than the counting.
    """

    project: int = 0
    template: str = ""
    template_version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRun:
    """One leg's part of a run; the numbers as in `Progress`.

    `source` and `destination` are `<environment>.<entity set>`. The checkpoints are opaque to all but the
    reader of the leg's source; `checkpoint_after` is None until the leg has ended well. `carried_by` tells who carried
    the parts of a leg that was divided.
    """

    id: int
    run: int
    project: str
    task: str
    leg: int
    source: str
    destination: str
    status: Status
    error: str = ""
    versions: Versions = field(default_factory=Versions)
    counts: Counts = field(default_factory=Counts)
    skipped_because: Mapping[str, int] = field(default_factory=dict)
    requests: int = 0
    retries: int = 0
    writes: int = 0
    bytes_read: int = 0
    bytes_written: int = 0
    seconds: float = 0.0
    waited: float = 0.0
    steps: Steps = field(default_factory=Steps)
    checkpoint_before: str | None = None
    checkpoint_after: str | None = None
    carried_by: tuple[CarriedParts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of one or more projects. `legs` in the order they began.

    `notes` say what has changed in the environments since the last run, and what was sent again for it.
    """

    id: int
    projects: tuple[str, ...]
    started_at: datetime
    finished_at: datetime | None = None
    started_by: str
    all_data: bool
    status: Status
    error: str = ""
    notes: tuple[str, ...] = ()
    cause: Cause = Cause.NONE
    legs: tuple[LegRun, ...] = ()

    @property
    def counts(self) -> Counts:
        """The counts of all legs together."""
        return sum((leg.counts for leg in self.legs), Counts())


class RowState(msgspec.Struct, frozen=True, gc=False):
    """What a leg remembers of a source row.

    `key` is the readable integration key, `company` the legal entity, `hash` some bytes over the mapped row
    as it was last delivered, `destination_id` the address of the row it became, `delivered_run` the run that last
    sent it (0: none yet). `fields` tells conflicts, where the task asks for them.
    """

    source_id: str
    key: str
    company: str
    hash: bytes
    destination_id: str
    disposition: Disposition
    reason: str = ""
    delivered_run: int = 0
    fields: bytes = b""


class Fate(Enum):
    """What became of a delivered row."""

    REPLACED = "replaced"
    """A later run has sent it anew."""
    REMOVED = "removed"
    """It was gone at the source, and was deleted at the destination."""
    DEACTIVATED = "deactivated"
    """It was gone at the source, and was made inactive at the destination."""
    LEFT = "left"
    """It was gone at the source, and the destination keeps it."""
    FORGOTTEN = "forgotten"
    """Another environment answered in the place of one of the two: nothing is known of it there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerDelivery:
    """
    A delivery of a row that is over: how the row was called then, and the run that ended it.

    `run` is the one that had sent the row, `ended_run` the one that has replaced or removed it. Who started a run and
    when is None or empty where the run is not remembered any more.
    """

    key: str
    company: str
    destination_id: str
    run: int
    started_at: datetime | None
    started_by: str
    versions: Versions
    fate: Fate
    ended_run: int
    ended_at: datetime | None
    ended_by: str


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """A destination field that would get another value; `of` is the source field, where that is known."""

    field: str
    old: str | int | float | bool | None = None
    new: str | int | float | bool | None = None
    of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A row that a leg could not deliver.

    `changes` are the fields that both sides have changed, where people must decide: the destination has the old value,
    the source the new one. `payload` is the row as it was read; once stored it comes back as JSON values. `id`, the
    runs, `attempts` and `status` are given by the store. `decided_by` and `why` tell who decided about it last.
    """

    project: str
    task: str
    leg: int
    source_id: str
    key: str
    company: str
    code: str
    field: str
    value: str
    reason: str
    way_out: str
    payload: Mapping[str, Value]
    changes: tuple[Change, ...] = ()
    id: int = 0
    first_run: int = 0
    last_run: int = 0
    attempts: int = 1
    status: RejectionStatus = RejectionStatus.OPEN
    decided_by: str = ""
    why: str = ""


class Verdict(Enum):
    """What a person decided about a rejected row."""

    DISMISSED = "dismissed"
    """It is given up."""
    REOPENED = "reopened"
    """It is tried again after all."""
    SOURCE = "source"
    """Both sides have changed it: the source's values count."""
    DESTINATION = "destination"
    """Both sides have changed it: the destination's values stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who decided what about a rejected row, when and why."""

    verdict: Verdict
    decided_by: str
    decided_at: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What a person changed in a rejected row on its way: values of source fields, as text (None: no value).

    It holds for as long as the source row is what it was then, its `payload` as JSON values.
    """

    source_id: str
    payload: object
    changes: Mapping[str, str | None]
    edited_by: str
    edited_at: datetime
    why: str
