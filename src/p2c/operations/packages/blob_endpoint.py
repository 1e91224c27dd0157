"""Blobs over HTTP, as the storage service that they stand for answers: no bearer, the address is the right."""

from __future__ import annotations

import tempfile
from email.utils import formatdate
from uuid import UUID, uuid4
from xml.sax.saxutils import escape

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from p2c.odata.packages.errors import PackageError
from p2c.operations.packages.blobs import BLOB_PATH, MAX_BLOB, Blobs
from p2c.operations.packages.uploads import received

_IN_MEMORY = 1024 * 1024


def blob_routes(blobs: Blobs) -> list[BaseRoute]:
    """PUT and GET of blobs."""

    async def blob(request: Request) -> Response:
        identifier: UUID = request.path_params["blob"]
        right = "w" if request.method == "PUT" else "r"
        found = await run_in_threadpool(blobs.allowed, identifier, request.url.query, right)
        if found is None:
            return _failure(403, "AuthenticationFailed", "the address is not valid, or its time is over")
        if request.method == "PUT":
            return await _put(request, blobs, identifier)
        if found.size is None:
            return _failure(404, "BlobNotFound", "nothing has been written here")
        headers = {"Content-Length": str(found.size), "x-ms-blob-type": "BlockBlob"}
        if request.method == "HEAD":
            return Response(status_code=200, headers=headers)
        return StreamingResponse(blobs.pieces(identifier), 200, headers, media_type="application/octet-stream")

    return [Route(BLOB_PATH + "/{blob:uuid}/{name:path}", blob, methods=["GET", "PUT"])]


async def _put(request: Request, blobs: Blobs, blob: UUID) -> Response:
    if request.headers.get("x-ms-blob-type", "").lower() != "blockblob":
        return _failure(400, "MissingRequiredHeader", "send the header x-ms-blob-type: BlockBlob")
    if "comp" in request.query_params:
        return _failure(400, "UnsupportedQueryParameter", "blobs are written in one piece; leave out comp")
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        if not await received(request, file, MAX_BLOB):
            return _failure(413, "RequestBodyTooLarge", f"a blob has at most {MAX_BLOB} bytes")
        try:
            await run_in_threadpool(blobs.write, blob, file)
        except PackageError as error:
            return _failure(413, "RequestBodyTooLarge", str(error))
    headers = {"ETag": f'"0x{uuid4().hex[:16].upper()}"', "Last-Modified": formatdate(usegmt=True)}
    return Response(status_code=201, headers=headers)


def _failure(status: int, code: str, message: str) -> Response:
    error = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    body = f'<?xml version="1.0" encoding="utf-8"?>{error}'
    return Response(body, status, {"x-ms-error-code": code}, media_type="application/xml")
