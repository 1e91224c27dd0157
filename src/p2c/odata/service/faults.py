"""What stops a request: raised inside the service, rendered by the dialect."""

from __future__ import annotations

from p2c.edm.change import Problem


class RequestError(Exception):
    """The request as a whole cannot be answered. `code` is the dialect's own error code, empty for its default."""

    def __init__(self, status: int, message: str, code: str = "") -> None:
        self.status = status
        self.message = message
        self.code = code
        super().__init__(message)


class RowRefusedError(Exception):
    """A row was refused where one refused row fails the request.

    `number` is its place in the request, `entity` the name of its entity where that is known.
    """

    def __init__(self, problem: Problem, number: int = 0, entity: str = "") -> None:
        self.problem = problem
        self.number = number
        self.entity = entity
        super().__init__(problem.message)
