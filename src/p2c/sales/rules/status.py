"""States and status reasons: a reason belongs to one state, and either alone settles the other."""

from __future__ import annotations

from dataclasses import dataclass

from p2c.edm.change import Problem, ProblemKind

STATUS_CODE_ERROR = "0x80048408"


@dataclass(frozen=True, slots=True)
class StatusSet:
    """The status reasons of a table as (state, status), the default of a state before its others."""

    initial_state: int
    reasons: tuple[tuple[int, int], ...]

    def default(self, state: int) -> int | None:
        """The status that a state gets when none is given; None for a state that does not exist."""
        return next((status for owner, status in self.reasons if owner == state), None)

    def state(self, status: int) -> int | None:
        """The state that a status belongs to; None for a status that does not exist."""
        return next((owner for owner, member in self.reasons if member == status), None)

    def settle(
        self, state: int | None, status: int | None, stored: tuple[int, int] | None
    ) -> tuple[int, int] | Problem:
        """
        State and status after a write.

        Args:
            state: The state written, None when it is not.
            status: The status written, None when it is not.
            stored: Both before the write, None for a new row.
        """
        if state is None and status is None:
            state, status = stored if stored is not None else (self.initial_state, None)
        if state is None and status is not None:
            state = self.state(status)
        elif status is None and state is not None:
            status = stored[1] if stored is not None and stored[0] == state else self.default(state)
        if state is None or status is None or (state, status) not in self.reasons:
            return self._refused(state, status)
        return state, status

    def _refused(self, state: int | None, status: int | None) -> Problem:
        known = ", ".join(f"{member} (state {owner})" for owner, member in self.reasons)
        return Problem(
            ProblemKind.BAD_STATUS,
            f"statuscode {status} does not belong to statecode {state}; give one of: {known}",
            field="statuscode",
            value=status,
            code=STATUS_CODE_ERROR,
        )
