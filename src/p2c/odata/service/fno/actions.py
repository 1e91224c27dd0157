"""Actions of Finance and Operations: bound to a set or to a row, called by POST with named parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias, TypeVar
from xml.sax.saxutils import quoteattr

import msgspec

from p2c.database.session import Session
from p2c.edm.entity import Entity, Model
from p2c.edm.values import EdmType, Value
from p2c.errors import nearest
from p2c.odata.query.path import Segment
from p2c.odata.service.access import Privilege
from p2c.odata.service.faults import RequestError
from p2c.odata.service.message import Request, Response
from p2c.odata.service.writes import Address

NAMESPACE = "Microsoft.Dynamics.DataEntities"
Result: TypeAlias = "Value | Sequence[str]"
_T = TypeVar("_T")
_JSON = "application/json; odata.metadata=minimal"


class Binding(Enum):
    """What an action is called on."""

    SET = "BoundToEntitySet"
    ROW = "BoundToEntityInstance"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One named value of an action; a client may leave an optional one out, which reads as empty."""

    name: str
    type: EdmType = EdmType.STRING
    optional: bool = False

    @property
    def empty(self) -> Value:
        """What the action sees when the client gives nothing."""
        return _EMPTY[self.type]


class Transact(Protocol):
    """Runs work in a transaction: one of its own, or the change set's when the call is part of one."""

    def __call__(self, work: Callable[[Session], _T], /) -> _T:
        """The result of `work`; what it raises passes."""


@dataclass(frozen=True, slots=True)
class ActionCall:
    """One call. `root` is the service's base URL, `address` the row of an action that is bound to a row."""

    parameters: Mapping[str, Value]
    root: str
    transact: Transact
    address: Address | None = None

    def text(self, name: str) -> str:
        """A text parameter without surrounding blanks, "" when it was left out."""
        value = self.parameters.get(name)
        return value.strip() if isinstance(value, str) else ""

    def flag(self, name: str) -> bool:
        """A yes-or-no parameter."""
        return self.parameters.get(name) is True


@dataclass(frozen=True, slots=True)
class FnoAction:
    """
    An action of an entity set or of its rows.

    `returns` None answers 204; `many` answers a list of that type. `run` may raise RequestError and RowRefusedError.
    `privilege` is what the caller must have on the entity that the action is bound to; None for no right at all.
    """

    entity_set: str
    name: str
    run: Callable[[ActionCall], Result]
    parameters: tuple[Parameter, ...] = ()
    returns: EdmType | None = EdmType.STRING
    many: bool = False
    binding: Binding = Binding.SET
    privilege: Privilege | None = None

    @property
    def return_type(self) -> str:
        """The type of the answer as OData names it, "" for none."""
        if self.returns is None:
            return ""
        return f"Collection({self.returns.value})" if self.many else self.returns.value


class Actions:
    """All actions of a service, by set, binding and name."""

    def __init__(self, actions: Sequence[FnoAction] = ()) -> None:
        self.all = tuple(actions)
        self._by_name = {(item.entity_set, item.binding, item.name): item for item in actions}

    def of(self, entity_set: str) -> tuple[FnoAction, ...]:
        """The actions of one entity set."""
        return tuple(item for item in self.all if item.entity_set == entity_set)

    def at(self, entity: Entity, name: str, binding: Binding) -> FnoAction:
        """
        The action that a path names, with or without its namespace.

        Raises:
            RequestError: There is none; the answer is that of an unknown route.
        """
        short = name.removeprefix(f"{NAMESPACE}.")
        found = self._by_name.get((entity.set_name, binding, short))
        if found is None:
            known = [item.name for item in self.of(entity.set_name)]
            hint = f"; {nearest(short, known)}" if known else ""
            raise RequestError(
                404, f"No HTTP resource was found that matches '{entity.set_name}/{name}'{hint}", "route"
            )
        return found


def is_action_path(segments: Sequence[Segment]) -> bool:
    """Whether a path ends in an action: names of actions carry the namespace."""
    return len(segments) == 2 and segments[1].name.startswith(f"{NAMESPACE}.")


def actions_csdl(model: Model, actions: Actions) -> list[str]:
    """The elements of `$metadata` that describe the actions."""
    return [
        line
        for entity in model.entities
        for action in actions.of(entity.set_name)
        for line in _described(model, entity, action)
    ]


def _described(model: Model, entity: Entity, action: FnoAction) -> Iterator[str]:
    bound = f"{model.namespace}.{entity.name}"
    if action.binding is Binding.SET:
        bound = f"Collection({bound})"
    yield f'<Action Name={quoteattr(action.name)} IsBound="true">'
    yield f"<Parameter Name={quoteattr(entity.set_name)} Type={quoteattr(bound)}/>"
    for item in action.parameters:
        yield f"<Parameter Name={quoteattr(item.name)} Type={quoteattr(item.type.value)}/>"
    if action.return_type:
        yield f"<ReturnType Type={quoteattr(action.return_type)}/>"
    yield "</Action>"


def answer_action(action: FnoAction, request: Request, transact: Transact, address: Address | None = None) -> Response:
    """
    Call an action.

    Raises:
        RequestError: The method is not POST, or the parameters do not fit.
    """
    if request.method != "POST":
        raise RequestError(405, f"{request.method} is not allowed on the action {action.name}; send POST")
    call = ActionCall(_parameters(action, request.body), request.root, transact, address)
    result = action.run(call)
    if action.returns is None:
        return Response(204)
    body = {"@odata.context": f"{request.root}$metadata#{action.return_type}", "value": result}
    return Response(200, msgspec.json.encode(body), {"Content-Type": _JSON})


def _parameters(action: FnoAction, body: bytes) -> dict[str, Value]:
    given = _object(body)
    known = {item.name: item for item in action.parameters}
    for name in given:
        if name not in known and "@" not in name:
            hint = nearest(name, known) if known else "it takes none"
            raise RequestError(400, f"The request is invalid. {action.name} has no parameter '{name}'; {hint}")
    return {item.name: _value(action, item, given) for item in action.parameters}


def _object(body: bytes) -> dict[str, object]:
    if not body.strip():
        return {}
    try:
        return msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        message = f"The request is invalid. The parameters are no JSON object ({error}); mend them"
        raise RequestError(400, message) from error


def _value(action: FnoAction, item: Parameter, given: Mapping[str, object]) -> Value:
    value = given.get(item.name)
    if value is None and item.optional:
        return item.empty
    try:
        return msgspec.convert(value, item.type.python)
    except msgspec.ValidationError as error:
        reason = "is missing" if item.name not in given else f"does not fit ({error})"
        message = f"{action.name}: the parameter '{item.name}' {reason}; send a {item.type.value}"
        raise RequestError(400, f"The request is invalid. {message}") from error


_EMPTY: Mapping[EdmType, Value] = {
    EdmType.STRING: "",
    EdmType.BOOLEAN: False,
    EdmType.INT32: 0,
    EdmType.INT64: 0,
}
