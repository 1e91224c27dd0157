"""`/api/services` of Finance and Operations: custom services, listed by GET in three steps and run by POST."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from p2c.database.session import Session
from p2c.errors import RetryError
from p2c.odata.service.fno.errors import failure_response
from p2c.odata.service.fno.service import FnoService
from p2c.odata.service.message import Request, Response

_LISTS = ("ServiceGroups", "Services", "Operations")
Run: TypeAlias = "Callable[[Session], Mapping[str, object]]"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a service; `path` is its group, service and name. It takes no parameters."""

    path: tuple[str, str, str]
    run: Run


class CustomServices:
    """Answers what clients ask of services. Names are taken in any case."""

    def __init__(self, service: FnoService, operations: Sequence[Operation] = ()) -> None:
        self._service = service
        self._operations = operations

    def handle(self, request: Request) -> Response:
        """A list of names, or what an operation answers."""
        asked = [part.lower() for part in request.path.split("/") if part]
        found = [item for item in self._operations if _lower(item.path)[: len(asked)] == asked]
        if asked and not found:
            return self.failure(404, f"No HTTP resource was found that matches '{request.path}'", "route")
        wanted = "GET" if len(asked) < len(_LISTS) else "POST"
        if request.method != wanted:
            return self.failure(405, f"{request.method} is not allowed here; send {wanted}")
        if len(asked) < len(_LISTS):
            names = dict.fromkeys(item.path[len(asked)] for item in found)
            return _json({_LISTS[len(asked)]: [{"Name": name} for name in names]})
        try:
            return _json(self._service.transact(found[0].run))
        except RetryError as error:
            return self.failure(503, str(error))

    def failure(self, status: int, message: str, code: str = "") -> Response:
        """The product's body for an error."""
        return failure_response(status, message, code)


class NoRoute:
    """Answers paths that lead nowhere."""

    def handle(self, request: Request) -> Response:
        """404 in the shape of the web host."""
        return self.failure(404, f"No HTTP resource was found that matches '/{request.path}'", "route")

    def failure(self, status: int, message: str, code: str = "") -> Response:
        """The product's body for an error."""
        return failure_response(status, message, code)


def _lower(names: Iterable[str]) -> list[str]:
    return [name.lower() for name in names]


def _json(body: object) -> Response:
    return Response(200, msgspec.json.encode(body), {"Content-Type": "application/json"})
