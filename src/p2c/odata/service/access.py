"""Who sends a request and what they may do: the caller of the running request, and the checks on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Protocol
from uuid import UUID

from p2c.edm.change import Change
from p2c.edm.entity import Entity
from p2c.edm.values import Row, Value
from p2c.odata.service.faults import RequestError

PRIVILEGE_DENIED = "0x80040220"
ACCESS_DENIED = "0x80048405"
NOT_A_MEMBER = "0x80072560"
UNIT_COLUMN = "owningbusinessunit"
ANY_TABLE = "*"


class Privilege(Enum):
    """What is done with rows; the value stands in the privilege's name, as in `prvReadAccount`."""

    CREATE = "Create"
    READ = "Read"
    WRITE = "Write"
    DELETE = "Delete"


class Level(IntEnum):
    """Which rows a privilege reaches."""

    NONE = 0
    BUSINESS_UNIT = 1
    """Rows of the caller's own business unit; tables without owners are reached whole."""
    ORGANIZATION = 2


@dataclass(frozen=True, slots=True)
class Rights:
    """Levels by table and privilege; ANY_TABLE stands for tables that are not named. Administrators may all.

    `delegate` is the privilege `prvActOnBehalfOfAnotherUser`: to work in another user's name.
    A `customizer` may change the tables and columns themselves.
    """

    levels: Mapping[tuple[str, Privilege], Level] = field(default_factory=dict)
    administrator: bool = False
    delegate: bool = False
    customizer: bool = False

    @property
    def may_act_for_others(self) -> bool:
        """Whether requests may be sent in another user's name."""
        return self.administrator or self.delegate

    def level(self, table: str, privilege: Privilege) -> Level:
        """How far a privilege reaches in a table."""
        if self.administrator:
            return Level.ORGANIZATION
        named = self.levels.get((table, privilege))
        return named if named is not None else self.levels.get((ANY_TABLE, privilege), Level.NONE)

    def __or__(self, other: Rights) -> Rights:
        """All rights of both: the widest level counts."""
        merged = {
            (table, privilege): max(self.level(table, privilege), other.level(table, privilege))
            for table, privilege in {*self.levels, *other.levels}
        }
        return Rights(
            merged,
            administrator=self.administrator or other.administrator,
            delegate=self.delegate or other.delegate,
            customizer=self.customizer or other.customizer,
        )

    def __and__(self, other: Rights) -> Rights:
        """What both may: for a caller who acts for another."""
        if self.administrator:
            return other
        if other.administrator:
            return self
        merged = {
            (table, privilege): min(self.level(table, privilege), other.level(table, privilege))
            for table, privilege in {*self.levels, *other.levels}
        }
        return Rights(
            merged,
            delegate=self.delegate and other.delegate,
            customizer=self.customizer and other.customizer,
        )


ALL_RIGHTS = Rights(administrator=True)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request. `id` is the object id at the identity service, `login` the application id of a program or
    the domain name of a person; `user` and `unit` are the user's row and business unit in the environment, None where
    it keeps none."""

    id: UUID
    name: str
    rights: Rights
    user: UUID | None = None
    unit: UUID | None = None
    login: str = ""


class AccessRefusedError(Exception):
    """The sender is not let in. `challenge` is the value of WWW-Authenticate, empty for none."""

    def __init__(self, status: int, message: str, code: str = "", challenge: str = "") -> None:
        self.status = status
        self.message = message
        self.code = code
        self.challenge = challenge
        super().__init__(message)


class Authenticator(Protocol):
    """Tells who sends a request. Called from several threads at once."""

    def caller(self, authorization: str) -> Caller:
        """
        The sender, from the value of the Authorization header (empty when there is none).

        Raises:
            AccessRefusedError: No valid token, or nobody here belongs to it.
            RetryError: Who is known cannot be looked up just now.
        """
        ...


_caller: ContextVar[Caller | None] = ContextVar("caller", default=None)


@contextmanager
def acting(caller: Caller | None) -> Iterator[None]:
    """The block works for this caller; None: nobody is asked for rights."""
    token = _caller.set(caller)
    try:
        yield
    finally:
        _caller.reset(token)


def current_caller() -> Caller | None:
    """Who the running request works for; None where access is not checked."""
    return _caller.get()


def current_user() -> UUID | None:
    """The user that rows written by the running request belong to."""
    caller = _caller.get()
    return caller.user if caller is not None else None


def demand(entity: Entity, privilege: Privilege) -> Level:
    """
    How far the caller's privilege reaches among the entity's rows.

    Raises:
        RequestError: It does not reach any.
    """
    caller = _caller.get()
    if caller is None:
        return Level.ORGANIZATION
    level = caller.rights.level(entity.table.name, privilege)
    if level is Level.NONE:
        raise RequestError(
            403,
            f"Principal user (Id={caller.user or caller.id}, {caller.name}) is missing "
            f"{privilege_name(entity, privilege)} privilege for entity '{entity.name}'; "
            "an administrator grants a role that has it",
            PRIVILEGE_DENIED,
        )
    return level


def demand_customizer(privilege: str) -> None:
    """
    Check that the caller may change tables and columns; `privilege` is the platform's name for doing so.

    Raises:
        RequestError: They may not.
    """
    caller = _caller.get()
    if caller is None or caller.rights.administrator or caller.rights.customizer:
        return
    raise RequestError(
        403,
        f"Principal user (Id={caller.user or caller.id}, {caller.name}) is missing {privilege} privilege; "
        "an administrator grants the role System Customizer",
        PRIVILEGE_DENIED,
    )


def readable(entity: Entity) -> list[tuple[str, Value]]:
    """
    Column values that rows must have for the caller to read them.

    Raises:
        RequestError: The caller may read none.
    """
    level = demand(entity, Privilege.READ)
    caller = _caller.get()
    if caller is None or level is Level.ORGANIZATION or UNIT_COLUMN not in entity.table.column:
        return []
    return [(UNIT_COLUMN, caller.unit)]


def demand_changes(entity: Entity, changes: Iterable[Change]) -> None:
    """
    Check that the caller may make such changes, and of the rows that are stored.

    Raises:
        RequestError: One of them is not allowed.
    """
    if not _is_limited():
        return
    batch = list(changes)
    if any(change.stored is None for change in batch):
        demand(entity, Privilege.CREATE)
    stored = [change.stored for change in batch if change.stored is not None]
    if stored:
        demand_rows(entity, Privilege.WRITE, stored)


def demand_owners(entity: Entity, changes: Iterable[Change]) -> None:
    """
    Check that rows stay where the caller reaches them, once rules have settled who owns them.

    Raises:
        RequestError: A row would belong to another business unit.
    """
    if not _is_limited():
        return
    for change in changes:
        if UNIT_COLUMN in change.values:
            privilege = Privilege.CREATE if change.stored is None else Privilege.WRITE
            demand_rows(entity, privilege, [change.values])


def demand_delete(entity: Entity, rows: Iterable[Row]) -> None:
    """
    Check that the caller may delete these rows.

    Raises:
        RequestError: One of them is not allowed.
    """
    demand_rows(entity, Privilege.DELETE, rows)


def demand_rows(entity: Entity, privilege: Privilege, rows: Iterable[Row]) -> None:
    """
    Check that the caller's privilege reaches all of these rows; the privilege itself is needed without rows too.

    Raises:
        RequestError: It does not.
    """
    level = demand(entity, privilege)
    caller = _caller.get()
    if caller is None or level is Level.ORGANIZATION or UNIT_COLUMN not in entity.table.column:
        return
    for row in rows:
        if row.get(UNIT_COLUMN) != caller.unit:
            raise RequestError(
                403,
                f"Principal user (Id={caller.user or caller.id}, {caller.name}) has "
                f"{privilege_name(entity, privilege)} only for rows of its own business unit; "
                f"{entity.name} {row.get(entity.table.primary_key)} belongs to another",
                ACCESS_DENIED,
            )


def _is_limited() -> bool:
    caller = _caller.get()
    return caller is not None and not caller.rights.administrator


def privilege_name(entity: Entity, privilege: Privilege) -> str:
    """Such as `prvReadAccount`."""
    return f"prv{privilege.value}{entity.name[:1].upper()}{entity.name[1:]}"
