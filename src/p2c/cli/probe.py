"""What a tried connection was found to be, for people."""

from __future__ import annotations

from rich.padding import Padding
from rich.text import Text

from p2c.cli.console import out, say, whole
from p2c.cli.tables import listing
from p2c.integrator.probe import Finding, Probe
from p2c.text import _

_UNDER = (0, 0, 0, 4)


def show_probe(found: Probe) -> None:
    """Where, what and as whom; then each entity that the projects use, and under the table what is wrong."""
    say(f"{found.connection}: {found.url}")
    if found.product:
        say(f"{found.product} {found.version}".rstrip())
    if found.who:
        say(_("as {who}").format(who=found.who))
    if found.roles is not None:
        say(_("with the roles {roles}").format(roles=", ".join(found.roles)) if found.roles else _("without any role"))
    say(_("{count} entities").format(count=whole(found.entities)))
    table = listing(_("Entity"), _("Read"), _("Written"), _("Changes are read by"), _("Rows are written in"))
    for item in found.findings:
        may_read = _("yes") if item.may_read else _("no")
        table.add_row(item.entity_set, may_read, _written(item), item.reading, item.writing)
    out.print(table)
    for item in found.findings:
        for trouble in item.troubles:
            out.print(Padding(Text(f"{item.entity_set}: {trouble}", style="red"), _UNDER, expand=False))


def _written(item: Finding) -> str:
    if not item.writes:
        return _("not needed")
    if item.may_write is None:
        return _("the environment does not say")
    return _("yes") if item.may_write else _("no")
