"""Takes a request's body onto disk, however long it is, up to a bound."""

from __future__ import annotations

from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request


async def received(request: Request, file: IO[bytes], limit: int) -> bool:
    """Write the body to a file and go back to its start; False when the body is longer than `limit` bytes."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            return False
        await run_in_threadpool(file.write, chunk)
    file.seek(0)
    return True
