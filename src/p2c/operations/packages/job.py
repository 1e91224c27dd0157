"""What a job is: an execution of a data project, its steps, its states and what it has come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

import msgspec

from p2c.odata.packages.manifest import PackageEntity


class Status(Enum):
    """What `GetExecutionSummaryStatus` answers."""

    UNKNOWN = "Unknown"
    NOT_RUN = "NotRun"
    EXECUTING = "Executing"
    SUCCEEDED = "Succeeded"
    PARTIAL = "PartiallySucceeded"
    FAILED = "Failed"
    CANCELED = "Canceled"


class Step(Enum):
    """How far a job is: LOADED waits for nobody, QUEUED and STAGED for a worker."""

    LOADED = "loaded"
    QUEUED = "queued"
    STAGED = "staged"
    RUNNING = "running"
    DONE = "done"


class JobOrder(msgspec.Struct, frozen=True):
    """What a job was asked to do. `rows` limits an export to a preview of that many; 0 is all."""

    entities: tuple[PackageEntity, ...]
    package_name: str = ""
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """One execution."""

    id: str
    project: str
    operation: str
    status: Status
    step: Step
    company: str
    order: JobOrder
    message: str
    package: UUID | None

    @property
    def is_import(self) -> bool:
        """Whether rows come in."""
        return self.operation == "Import"


@dataclass(frozen=True, slots=True)
class Tally:
    """What one entity of a job has come to."""

    staged: int = 0
    staging_errors: int = 0
    created: int = 0
    updated: int = 0
    target_errors: int = 0

    @property
    def errors(self) -> int:
        """Rows that did not arrive."""
        return self.staging_errors + self.target_errors

    @property
    def arrived(self) -> int:
        """Rows that did."""
        return self.created + self.updated


def verdict(tallies: Sequence[Tally], failed_entities: int) -> Status:
    """What a job has come to: everything arrived, some of it, or nothing while something should have."""
    if not failed_entities and not any(tally.errors for tally in tallies):
        return Status.SUCCEEDED
    if any(tally.arrived for tally in tallies):
        return Status.PARTIAL
    return Status.FAILED
