"""Errors with all that can be told, for callers who ask for every annotation."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from p2c.odata.service.dataverse.annotations.wanted import ERRORS, PREFERENCE, Wanted
from p2c.odata.service.message import Request, Response

_HELP = "https://learn.microsoft.com/power-apps/developer/data-platform/webapi/compose-http-requests-handle-errors"
_error = msgspec.json.Decoder(dict[str, dict[str, object]])


def detailed(request: Request, response: Response) -> Response:
    """The response; an error with the details that its annotations tell where they are wanted."""
    kind = response.headers.get("Content-Type", "")
    if response.status < 400 or not kind.startswith("application/json"):
        return response
    wanted = Wanted.parse(request.preferences().get(PREFERENCE, ""))
    if f"{ERRORS}HelpLink" not in wanted:
        return response
    error = _error.decode(response.body)["error"]
    details = {
        f"@{ERRORS}ErrorDetails.OperationStatus": "0",
        f"@{ERRORS}ErrorDetails.SubErrorCode": "-2146233088",
        f"@{ERRORS}HelpLink": f"{_HELP}?code={error.get('code', '')}",
        f"@{ERRORS}TraceText": "",
        f"@{ERRORS}InnerError.Message": error.get("message", ""),
    }
    return replace(response, body=msgspec.json.encode({"error": {**error, **details}}))
