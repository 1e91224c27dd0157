"""What applying a setup would change, told before it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff
from enum import Enum

from p2c.integrator.connections import Connection, SignIn
from p2c.integrator.exchange.write import Setup, definition_text, without_password
from p2c.integrator.store.definitions import Definition
from p2c.text import _


class Kind(Enum):
    """What happens to a definition."""

    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Difference:
    """One definition that is added (`old` None), changed, or removed (`new` None)."""

    kind: Kind
    what: str
    old: Definition | None
    new: Definition | None

    @property
    def lines(self) -> list[str]:
        """The text that goes (`-`) and comes (`+`), with a little around it and without secrets."""
        old, new = (definition_text(item).splitlines() if item else [] for item in (self.old, self.new))
        # The first two lines are the names of files, which these are not.
        shown = list(unified_diff(old, new, lineterm="", n=1))[2:]
        return shown or [_("the password in the URL changes")]


def differences(current: Setup, wanted: Setup, *, prune: bool) -> list[Difference]:
    """
    What leads from the current setup to the wanted one, in the order of the files.

    What is not in the wanted setup is left alone, unless `prune` is set.
    """
    connections = _with_passwords(current.connections, wanted.connections)
    return [
        *_of_kind("connection", current.connections, connections, prune),
        *_of_kind("connection set", current.connection_sets, wanted.connection_sets, prune),
        *_of_kind("project", current.projects, wanted.projects, prune),
    ]


def _of_kind(
    what: str, current: Sequence[Definition], wanted: Sequence[Definition], prune: bool
) -> Iterator[Difference]:
    stored = {item.name: item for item in current}
    for item in wanted:
        old = stored.pop(item.name, None)
        if old is None:
            yield Difference(Kind.ADD, f"{what} {item.name}", None, item)
        elif old != item:
            yield Difference(Kind.CHANGE, f"{what} {item.name}", old, item)
    if prune:
        for name, old in stored.items():
            yield Difference(Kind.REMOVE, f"{what} {name}", old, None)


def _with_passwords(current: Sequence[Connection], wanted: Sequence[Connection]) -> list[Connection]:
    """Files have no secrets: a URL that differs in nothing else keeps the stored one, an application its secret."""
    stored = {(item.name, without_password(item.url)): item.url for item in current}
    secrets = {
        (item.name, item.sign_in.application): item.sign_in.secret for item in current if item.sign_in is not None
    }
    return [
        replace(item, url=stored.get((item.name, item.url), item.url), sign_in=_with_secret(item, secrets))
        for item in wanted
    ]


def _with_secret(item: Connection, secrets: Mapping[tuple[str, str], str]) -> SignIn | None:
    if item.sign_in is None:
        return None
    return replace(item.sign_in, secret=secrets.get((item.name, item.sign_in.application), ""))
