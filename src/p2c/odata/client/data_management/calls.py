"""The package REST API of an environment: actions, blobs, and waiting for executions to end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import TypeVar
from urllib.parse import quote

import msgspec

from p2c.errors import RetryError, StopError
from p2c.odata.client.http import HttpEnvironment, error_of
from p2c.odata.client.rows import encode
from p2c.odata.query import literal

_T = TypeVar("_T")
_ACTIONS = "DataManagementDefinitionGroups/Microsoft.Dynamics.DataEntities"
FIRST_LOOK = 0.1
"""Seconds until an execution is first asked how it stands."""
LONGER = 1.1
"""Every further look waits so many times as long: the end is known late by a tenth of the time at most."""
LAST_LOOK = 10.0
SEEN_WITHIN = 120.0
"""Seconds that an execution may take to appear after it was ordered."""
LONGEST = 4 * 3600.0


def pauses(longest: float) -> Iterator[float]:
    """Pauses between looks, each longer than the one before up to a bound, `longest` seconds altogether."""
    pause, waited = FIRST_LOOK, 0.0
    while waited < longest:
        yield pause
        waited += pause
        pause = min(pause * LONGER, LAST_LOOK)


class Status(Enum):
    """How an execution stands."""

    UNKNOWN = "Unknown"
    NOT_RUN = "NotRun"
    EXECUTING = "Executing"
    SUCCEEDED = "Succeeded"
    PARTIAL = "PartiallySucceeded"
    FAILED = "Failed"
    CANCELED = "Canceled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self in (Status.SUCCEEDED, Status.PARTIAL, Status.FAILED, Status.CANCELED)


class ActionRefusedError(StopError):
    """The environment refused an action; nothing was done."""


class _Value(msgspec.Struct):
    value: str | bool = ""


class _Upload(msgspec.Struct):
    BlobUrl: str


class _Rows(msgspec.Struct):
    value: list[dict[str, str | int | float | bool | None]]


class DataManagementCalls:
    """Actions of one environment."""

    def __init__(self, http: HttpEnvironment) -> None:
        self._http = http

    @property
    def where(self) -> str:
        """The environment's name and URL, for messages."""
        return self._http.where

    async def act(self, action: str, **parameters: str | bool) -> str | bool:
        """
        The value of an action of the definition groups.

        Raises:
            ActionRefusedError: The environment refused.
        """
        answer = await self._http.send("POST", f"{_ACTIONS}.{action}", body=encode(parameters))
        if answer.status == 204:
            return ""
        if answer.status != 200:
            raise ActionRefusedError(
                f"{action} answered {answer.status}: {error_of(answer.body)[1]}", where=self._http.where
            )
        return self.decoded(answer.body, _Value).value

    async def upload(self, name: str, content: bytes) -> str:
        """Put a file into the environment's blob storage; its address."""
        target = self.decoded(str(await self.act("GetAzureWriteUrl", uniqueFileName=name)).encode(), _Upload)
        headers = {"x-ms-blob-type": "BlockBlob", "Content-Type": "application/octet-stream"}
        answer = await self._http.send("PUT", target.BlobUrl, body=content, headers=headers, signed=False)
        if answer.status != 201:
            # The address is a secret for as long as it works: it is not told.
            raise ActionRefusedError(f"the blob storage answered {answer.status} to the package", where=self.where)
        return target.BlobUrl

    async def download(self, url: str) -> bytes:
        """The content of a blob."""
        answer = await self._http.send("GET", url, signed=False)
        if answer.status != 200:
            raise ActionRefusedError(f"the blob storage answered {answer.status} to a download", where=self.where)
        return answer.body

    async def status(self, execution: str) -> Status | None:
        """How an execution stands; None when the environment does not know it (yet)."""
        try:
            return Status(await self.act("GetExecutionSummaryStatus", executionId=execution))
        except ActionRefusedError:
            return None
        except ValueError:
            return Status.UNKNOWN

    async def ended(self, execution: str) -> Status:
        """
        Wait until an execution has ended; how it did.

        Raises:
            StopError: It does not appear.
            RetryError: It runs for hours.
        """
        missed = 0.0
        for pause in pauses(LONGEST):
            await asyncio.sleep(pause)
            found = await self.status(execution)
            if found is not None and found.ended:
                return found
            missed = missed + pause if found is None else 0.0
            if missed > SEEN_WITHIN:
                raise StopError(f"the execution {execution} does not appear", where=self.where)
        raise RetryError(
            f"the execution {execution} has not ended after {LONGEST / 3600:g} hours",
            where=self.where,
            way_out="look at it in Data management, Job history, then run again",
        )

    async def until_made(self, action: str, **parameters: str) -> str:
        """
        The value of an action that answers with nothing while its file is being made.

        Raises:
            StopError: The file is not made.
        """
        for pause in pauses(SEEN_WITHIN):
            found = str(await self.act(action, **parameters))
            if found:
                return found
            await asyncio.sleep(pause)
        raise StopError(f"{action} names no file", where=self.where)

    async def rows(self, entity_set: str, column: str, value: str) -> Sequence[Mapping[str, object]]:
        """Rows of an entity set of data management whose column has a value."""
        condition = quote(f"{column} eq {literal(value)}", safe="")
        return self.decoded(await self._http.get(f"{entity_set}?$filter={condition}"), _Rows).value

    async def metadata(self, path: str, kind: type[_T]) -> _T:
        """The answer to a GET below `/metadata/`, which stands beside the data."""
        return self.decoded(await self._http.get(f"{self._http.url.removesuffix('data/')}metadata/{path}"), kind)

    def decoded(self, body: bytes, kind: type[_T]) -> _T:
        """
        An answer as what it should be.

        Raises:
            StopError: It is something else.
        """
        try:
            return msgspec.json.decode(body, type=kind)
        except msgspec.MsgspecError as error:
            raise StopError(
                f"data management answers in a way that is not known ({error})", where=self.where
            ) from error
