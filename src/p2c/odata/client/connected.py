"""What both products' environments do the same way over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import uuid4

from p2c.edm.entity import Model
from p2c.edm.values import Row
from p2c.errors import StopError
from p2c.odata import batch
from p2c.odata.client.environment import WriteResult, Written
from p2c.odata.client.http import Answer, HttpEnvironment, Traffic, error_message, error_of
from p2c.odata.client.metadata import parse_csdl
from p2c.odata.client.rows import RowDecoder


def deleted(answer: batch.Part) -> WriteResult:
    """What a DELETE in a batch has done; a row that is gone already is deleted as well."""
    if answer.start in ("204", "404"):
        return WriteResult(Written.UPDATED)
    return WriteResult(Written.REFUSED, *error_of(answer.body))


class ConnectedEnvironment:
    """An environment behind a connection: its model, its traffic, its pages and batches."""

    def __init__(self, http: HttpEnvironment, page_size: int) -> None:
        self._http = http
        self._page_size = page_size
        self.name = http.name
        self.model: Model = Model(http.name, "", (), ())

    @property
    def traffic(self) -> Traffic:
        """What was sent and received so far."""
        return self._http.traffic

    @property
    def where(self) -> str:
        """The environment's name and URL, for messages."""
        return self._http.where

    async def connect(self) -> Model:
        """Read the metadata."""
        body = await self._http.get("$metadata", {"Accept": "application/xml"})
        self.model = parse_csdl(body, self.name)
        return self.model

    async def identity(self) -> str:
        """What tells this environment from another one that may come to answer at its URL; empty where it does not
        say."""
        return ""

    async def get(self, path: str) -> bytes:
        """The body of a GET, below the base URL or at an absolute one, that must succeed."""
        return await self._http.get(path)

    async def call(self, action: str) -> bytes:
        """The answer of an action without parameters that must succeed.

        Raises:
            StopError: The environment refused it.
        """
        answer = await self._http.send("POST", action, body=b"{}")
        if answer.status != 200:
            raise StopError(f"{action} answered {answer.status}: {error_message(answer.body)}", where=self.where)
        return answer.body

    async def close(self) -> None:
        """Close connections."""
        await self._http.close()

    async def _all_pages(self, path: str, decoder: RowDecoder) -> list[Row]:
        found: list[Row] = []
        while path:
            page = decoder.page(await self._http.get(path))
            found.extend(page.rows)
            path = page.next_link or ""
        return found

    def _answers(self, answer: Answer, sent: int) -> list[batch.Part]:
        """
        The answers to the operations of a `$batch`, one each.

        Raises:
            StopError: It does not answer every operation exactly once, so that nobody knows what was written.
        """
        try:
            parts = batch.parse(answer.body, answer.headers.get("Content-Type", ""))
        except batch.BatchFormatError as error:
            raise StopError(f"$batch answered {answer.status} with no batch: {error}", where=self.where) from error
        answers = [item for item in parts if isinstance(item, batch.Part)]
        if len(answers) != sent:
            raise StopError(f"$batch answered {len(answers)} of {sent} operations", where=self.where)
        return answers

    async def _send_batch(self, parts: Sequence[batch.Part], headers: Mapping[str, str]) -> Answer:
        """One `$batch`."""
        boundary = f"batch_{uuid4()}"
        body = batch.write(parts, boundary, "")
        content_type = {"Content-Type": f"multipart/mixed; boundary={boundary}"}
        return await self._http.send("POST", "$batch", body=body, headers={**content_type, **headers})
