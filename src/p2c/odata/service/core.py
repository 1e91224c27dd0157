"""What both dialects share: transactions with retries, reading sets and rows, and the shape of answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

import msgspec
from sqlalchemy.exc import DataError, IntegrityError

from p2c.database.connect import TooLongError, first_line
from p2c.database.session import Database, Session
from p2c.edm.change import Problem, ProblemKind
from p2c.edm.entity import Entity, Model
from p2c.edm.values import Value
from p2c.errors import RetryError, nearest
from p2c.odata.query import QueryError, parse_options, parse_path
from p2c.odata.query.options import QueryOptions
from p2c.odata.query.path import ResourcePath, Segment
from p2c.odata.service.access import current_user
from p2c.odata.service.context import shown_columns
from p2c.odata.service.csdl import csdl
from p2c.odata.service.dialect import ReadStyle
from p2c.odata.service.etags import asked_version, is_known
from p2c.odata.service.faults import RequestError, RowRefusedError
from p2c.odata.service.identity import several_rows
from p2c.odata.service.message import Request, Response
from p2c.odata.service.reading import Page, Reader
from p2c.odata.service.saving import Rules, Saver
from p2c.odata.service.writes import Address
from p2c.odata.sql import UnsupportedQueryError

JSON = "application/json; odata.metadata=minimal"
COLLECTION = f"{JSON}; odata.streaming=true"
MAX_BODY = 64 * 1024 * 1024
MAX_URL_IN_BATCH = 64 * 1024
READ_SECONDS = 120.0
"""What a GET may take in the database."""
_TRIES = 4
_T = TypeVar("_T")


class ODataService(ABC):
    """One environment's OData endpoint. Thread safe: every request works in transactions of its own."""

    style: ReadStyle
    too_long = ""
    """The dialect's code for a query that took too long."""

    def __init__(self, model: Model, database: Database, rules: Rules) -> None:
        self.model = model
        self.database = database
        self.rules = rules

    def handle(self, request: Request) -> Response:
        """Answer one request; errors come back as the dialect's error bodies, never as exceptions."""
        try:
            self._check_size(request)
            return self.answer(request)
        except RequestError as error:
            return self.failure(error.status, error.message, error.code)
        except RowRefusedError as error:
            return self.refusal(error.problem, error.entity)
        except UnsupportedQueryError as error:
            return self.failure(501, str(error))
        except QueryError as error:
            return self.unreadable(error)
        except DataError as error:
            # What no type forbids and PostgreSQL cannot keep: a NUL in a text, a number beyond all digits.
            return self.failure(400, f"a value cannot be stored or compared ({first_line(error)}); mend it")
        except TooLongError as error:
            return self.failure(500, str(error), self.too_long)
        except RetryError as error:
            response = self.failure(503, str(error))
            response.headers["Retry-After"] = str(int(error.after or 1))
            return response

    @abstractmethod
    def answer(self, request: Request) -> Response:
        """Route the request; raises what `handle` renders."""

    @abstractmethod
    def failure(self, status: int, message: str, code: str = "") -> Response:
        """The dialect's body for an error of the whole request."""

    def unreadable(self, error: QueryError) -> Response:
        """The dialect's body for a query or path that cannot be read."""
        return self.failure(400, str(error))

    @abstractmethod
    def refusal(self, problem: Problem, entity: str = "") -> Response:
        """The dialect's body for a refused row of an entity."""

    def transact(self, work: Callable[[Session], _T], user: UUID | None = None) -> _T:
        """
        Run `work` in a transaction, again when another writer got in between.

        Raises:
            RowRefusedError: Another row took a unique value for good, or a value does not fit its column.
            RetryError: The database is busy or went away.
        """
        for attempt in range(1, _TRIES + 1):
            try:
                with self.database.begin(user or current_user()) as session:
                    return work(session)
            except IntegrityError as error:
                if attempt == _TRIES:
                    message = f"another row was written with the same key ({first_line(error)}); try again"
                    raise RowRefusedError(Problem(ProblemKind.DUPLICATE_KEY, message)) from error
            except RetryError:
                if attempt == _TRIES:
                    raise
        raise AssertionError("unreachable")

    def bound(self, session: Session, request: Request) -> None:
        """Reading ends by itself: no query, however it is put, keeps the database from others."""
        if request.method == "GET":
            session.bound(READ_SECONDS)

    def saver(self, session: Session) -> Saver:
        """Writes rows in a session."""
        return Saver(self.model, self.rules, session)

    def reader(self, session: Session) -> Reader:
        """Reads rows in a session."""
        return Reader(self.model, session, self.style)

    def entity_at(self, segment: Segment) -> Entity:
        """The entity of a set named in a path; 404 with the nearest name when there is none."""
        entity = self.model.entity_set.get(segment.name)
        if entity is None:
            hint = nearest(segment.name, self.model.entity_set)
            raise RequestError(404, f"Resource not found for the segment '{segment.name}'; {hint}")
        return entity

    def find(self, session: Session, address: Address) -> Value:
        """The primary key of the row at an address.

        Raises:
            RowRefusedError: There is none, or there are several.
        """
        found = self.saver(session).find([address])
        if address in found.several:
            raise RowRefusedError(several_rows(self.model.entity[address.entity], address))
        key = found.keys.get(address)
        if key is None:
            raise RowRefusedError(
                Problem(ProblemKind.NOT_FOUND, f"{address} does not exist", code=self.missing_code(address))
            )
        return key

    def missing_code(self, address: Address) -> str:
        """The dialect's code for a missing row; empty for its default."""
        return ""

    def set_page(
        self,
        request: Request,
        entity: Entity,
        page: Page,
        next_url: str,
        delta_url: str,
        notes: Mapping[str, object] | None = None,
    ) -> Response:
        """A page of a set as JSON, with its context, count and links, and the annotations of the page."""
        suffix = "/$delta" if page.is_delta else ""
        head = {"@odata.context": f"{self._context(request, entity)}{suffix}", **(notes or {})}
        out = [msgspec.json.encode(head)[:-1]]
        if page.count is not None:
            out.append(b',"@odata.count":%d' % page.count)
        out.append(b',"value":[')
        out.append(",".join(page.rows).encode())
        if page.deleted:
            context = f"{request.root}$metadata#{entity.set_name}/$deletedEntity"
            gone = [{"@odata.context": context, "id": item.key, "reason": "deleted"} for item in page.deleted]
            out.append((b"," if page.rows else b"") + msgspec.json.encode(gone)[1:-1])
        out.append(b"]")
        if next_url:
            out.append(b',"@odata.nextLink":' + msgspec.json.encode(next_url))
        if page.delta is not None:
            out.append(b',"@odata.deltaLink":' + msgspec.json.encode(delta_url))
        out.append(b"}")
        return Response(200, b"".join(out), {"Content-Type": COLLECTION})

    def read_row(self, session: Session, request: Request, entity: Entity, address: Address) -> Response:
        """The row at an address; 304 when the client has this version already."""
        options = self.options(request)
        row = self.reader(session).row(entity, self.find(session, address), options.select, options.expand)
        if row is None:
            raise RowRefusedError(Problem(ProblemKind.NOT_FOUND, f"{address} does not exist"))
        response = self.row_body(request, entity, row)
        if is_known(request.headers, response.headers["ETag"]) and not options.expand:
            return Response(304, headers={"ETag": response.headers["ETag"]})
        return response

    def delete_row(self, session: Session, request: Request, entity: Entity, address: Address) -> Response:
        """Delete the row at an address, in the version that If-Match asks for."""
        version = asked_version(request.headers, self.style)
        key = self.find(session, address)
        table = entity.table
        stored = session.rows(table.name, table.primary_key, [key], lock=True)
        if version is not None and stored and stored[0]["versionnumber"] != version:
            message = f"{address} has changed since it was read; read it again"
            raise RowRefusedError(Problem(ProblemKind.VERSION, message))
        problem = self.saver(session).delete(entity, [key])[0]
        if problem is not None:
            raise RowRefusedError(problem)
        return Response(204)

    def service_document(self, request: Request) -> Response:
        """All entity sets."""
        sets = [
            {"name": entity.set_name, "kind": "EntitySet", "url": entity.set_name} for entity in self.model.entities
        ]
        body = {"@odata.context": f"{request.root}$metadata", "value": sets}
        return Response(200, msgspec.json.encode(body), {"Content-Type": JSON})

    def metadata_document(self, container: str) -> Response:
        """The schema as CSDL."""
        text = csdl(self.model, self.style, container, self.operations_csdl())
        return Response(200, text.encode(), {"Content-Type": "application/xml"})

    def operations_csdl(self) -> Sequence[str]:
        """The elements of `$metadata` that describe the service's actions."""
        return ()

    def row_body(self, request: Request, entity: Entity, row: str, status: int = 200) -> Response:
        """One row as JSON with its context and ETag header."""
        context = msgspec.json.encode(f"{self._context(request, entity)}/$entity")
        body = b'{"@odata.context":' + context + b"," + row[1:].encode()
        version = msgspec.json.decode(row)["@odata.etag"]
        return Response(status, body, {"Content-Type": JSON, "ETag": version})

    def options(self, request: Request) -> QueryOptions:
        """The query options of the request."""
        return parse_options(request.query)

    def path(self, request: Request) -> ResourcePath:
        """The path of the request."""
        return parse_path(request.path)

    def _context(self, request: Request, entity: Entity) -> str:
        """Which columns are shown is told to who reads; who writes asks for rows as they are."""
        options = self.options(request) if request.method == "GET" else None
        columns = shown_columns(options.select, options.expand) if options is not None else ""
        return f"{request.root}$metadata#{entity.set_name}{columns}"

    def _check_size(self, request: Request) -> None:
        limit = MAX_URL_IN_BATCH if request.batched else self.style.max_url
        if len(request.path) + len(request.query) > limit:
            raise RequestError(
                414, f"the URL is longer than {limit} characters; send fewer values, or send it in a $batch"
            )
        if len(request.body) > MAX_BODY:
            raise RequestError(413, f"the body is larger than {MAX_BODY // 1024 // 1024} MiB; send it in parts")
