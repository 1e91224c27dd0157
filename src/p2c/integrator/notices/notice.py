"""What is told about a project, and when: once for each change of its state. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import Enum

import msgspec

from p2c.integrator.outcome import Counts, Status
from p2c.text import _


class Kind(Enum):
    """What has happened to a project."""

    WARNING = "warning"
    """Rows are rejected since this run."""
    ERROR = "error"
    """Runs end by an error since this one."""
    RECOVERED = "recovered"
    """All is delivered again."""
    PAUSED = "paused"
    """A bound of its schedule was passed; it waits for a person."""
    TEST = "test"
    """Somebody tries the way that notices go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing to tell. `id` names it for good, so that who gets it twice can tell; `why` is for people."""

    id: str
    kind: Kind
    project: str
    at: datetime
    run: int | None = None
    counts: Counts = field(default_factory=Counts)
    why: str = ""

    @property
    def subject(self) -> str:
        """One line."""
        words = {
            Kind.WARNING: _("{project}: some rows are rejected"),
            Kind.ERROR: _("{project}: runs end by an error"),
            Kind.RECOVERED: _("{project}: all is delivered again"),
            Kind.PAUSED: _("{project}: paused"),
            Kind.TEST: _("{project}: this is a test"),
        }
        return words[self.kind].format(project=" ".join(self.project.split()))

    @property
    def text(self) -> str:
        """What people read, with the way out."""
        lines = [self.subject, "", self.why]
        if self.run is not None:
            counts = self.counts
            lines.append(
                _("Run {run}: {read} rows read, {rejected} rejected.").format(
                    run=self.run, read=counts.read, rejected=counts.rejected
                )
            )
        ways_out = {
            Kind.WARNING: "p2c rejected {project}",
            Kind.ERROR: "p2c run show {run}",
            Kind.PAUSED: "p2c schedule resume {project}",
        }
        if self.kind in ways_out:
            lines.append(f"→ {ways_out[self.kind]}".format(project=self.project, run=self.run))
        return "\n".join(line for place, line in enumerate(lines) if line or place == 1) + "\n"

    def plain(self) -> dict[str, object]:
        """The notice as JSON values; `Notice.read` reads it back."""
        return {**asdict(self), "kind": self.kind.value, "at": self.at.isoformat()}

    @staticmethod
    def read(plain: Mapping[str, object]) -> Notice:
        """A notice from its JSON values."""
        return msgspec.convert(plain, Notice)


def change_of_state(told: Status | None, now: Status) -> Kind | None:
    """What to tell of a project whose state `told` was told last, or never; None when nothing has changed."""
    if now is told or (told is None and now is Status.COMPLETED):
        return None
    return {Status.COMPLETED: Kind.RECOVERED, Status.WARNING: Kind.WARNING}.get(now, Kind.ERROR)
