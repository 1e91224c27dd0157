"""`/api/services` of Finance and Operations: custom services; there are none, so the list of groups is empty."""

from __future__ import annotations

import msgspec

from p2c.odata.service.fno.errors import failure_response
from p2c.odata.service.message import Request, Response


class CustomServices:
    """Answers what clients ask before they call a custom service."""

    def handle(self, request: Request) -> Response:
        """The list of service groups; everything below it does not exist."""
        if request.path.strip("/"):
            return self.failure(404, f"No HTTP resource was found that matches '{request.path}'", "route")
        if request.method != "GET":
            return self.failure(405, "service groups are listed with GET")
        body = msgspec.json.encode({"ServiceGroups": []})
        return Response(200, body, {"Content-Type": "application/json"})

    def failure(self, status: int, message: str, code: str = "") -> Response:
        """The product's body for an error."""
        return failure_response(status, message, code)
