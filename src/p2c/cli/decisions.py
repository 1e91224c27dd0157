"""What people decided about rejected rows, in words."""

from __future__ import annotations

from p2c.cli.run import moment
from p2c.integrator.outcome import Edit
from p2c.text import _


def edited(edit: Edit) -> str:
    """Who changed what in a row on its way, when and why; `edit` as the reader may see it."""
    changes = ", ".join(f"{name}={'' if value is None else value}" for name, value in edit.changes.items())
    told = _("Edited by {who}, {when}: {changes}").format(
        who=edit.edited_by, when=moment(edit.edited_at), changes=changes
    )
    return f"{told} ({edit.why})" if edit.why else told
