"""What people decided about rejected rows, in words."""

from __future__ import annotations

from p2c.cli.run import moment
from p2c.integrator.outcome import Decision, Edit, Verdict
from p2c.text import _

_VERDICTS = {
    Verdict.DISMISSED: _("Given up"),
    Verdict.REOPENED: _("To be tried again"),
    Verdict.SOURCE: _("Decided for the source"),
    Verdict.DESTINATION: _("Decided for the destination"),
}


def decided(decision: Decision) -> str:
    """Who decided what about a rejected row, when and why."""
    told = _("{what} by {who}, {when}").format(
        what=_VERDICTS[decision.verdict], who=decision.decided_by, when=moment(decision.decided_at)
    )
    return f"{told}: {decision.why}" if decision.why else told


def edited(edit: Edit) -> str:
    """Who changed what in a row on its way, when and why; `edit` as the reader may see it."""
    changes = ", ".join(f"{name}={'' if value is None else value}" for name, value in edit.changes.items())
    told = _("Edited by {who}, {when}: {changes}").format(
        who=edit.edited_by, when=moment(edit.edited_at), changes=changes
    )
    return f"{told} ({edit.why})" if edit.why else told
