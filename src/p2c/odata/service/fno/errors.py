"""Finance and Operations' error bodies: a general message outside, the Infolog inside."""

from __future__ import annotations

import msgspec

from p2c.edm.change import Problem, ProblemKind
from p2c.odata.service.message import Response

_HEADERS = {"Content-Type": "application/json; odata.metadata=minimal", "OData-Version": "4.0"}
_STATUS = {ProblemKind.NOT_FOUND: 404, ProblemKind.VERSION: 412}
_TYPE = "Microsoft.Dynamics.Platform.Integration.Services.OData.ODataResponseException"


def failure_response(status: int, message: str, code: str = "") -> Response:
    """An error of the whole request; `route` marks a path that leads nowhere, which the web host answers."""
    if code == "route":
        return Response(status, msgspec.json.encode({"Message": message}), {"Content-Type": "application/json"})
    inner = {"message": message, "type": _TYPE, "stacktrace": ""}
    body = {"error": {"code": "", "message": "An error has occurred.", "innererror": inner}}
    return Response(status, msgspec.json.encode(body), dict(_HEADERS))


def refusal_response(problem: Problem, entity: str) -> Response:
    """A refused row."""
    if problem.kind is ProblemKind.NOT_FOUND:
        return failure_response(404, problem.message)
    if problem.kind in (ProblemKind.WRONG_TYPE, ProblemKind.UNKNOWN_FIELD):
        return failure_response(400, f"The request is invalid. {problem.message}")
    parts = [f"Error: {problem.message}."]
    if problem.kind in (ProblemKind.EXISTS, ProblemKind.DUPLICATE_KEY):
        parts.append("Info: The record already exists.")
    named = f" of type '{entity}'" if entity else ""
    infolog = f"Write failed for table row{named}. Infolog: {'; '.join(parts)}"
    return failure_response(_STATUS.get(problem.kind, 400), infolog)
