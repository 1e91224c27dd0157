"""What both dialects share: transactions with retries, reading sets and rows, and the shape of answers."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

import msgspec
from sqlalchemy.exc import IntegrityError

from p2c.database.session import Database, Session
from p2c.edm.change import Problem, ProblemKind
from p2c.edm.entity import Entity, Model
from p2c.edm.values import Value
from p2c.errors import RetryError, nearest
from p2c.odata.query import QueryError, key_segment, parse_options, parse_path, parse_reference
from p2c.odata.query.ast import EnumLiteral
from p2c.odata.query.options import QueryOptions
from p2c.odata.query.path import Key, ResourcePath, Segment, SingleKey
from p2c.odata.service.dialect import ReadStyle
from p2c.odata.service.faults import RequestError, RowRefusedError
from p2c.odata.service.message import Request, Response
from p2c.odata.service.reading import Page, Reader
from p2c.odata.service.saving import Rules, Saver
from p2c.odata.service.writes import Address
from p2c.odata.source import member_property
from p2c.odata.sql import UnsupportedQueryError, typed

JSON = "application/json; odata.metadata=minimal"
COLLECTION = f"{JSON}; odata.streaming=true"
MAX_BODY = 64 * 1024 * 1024
MAX_URL = 32 * 1024
MAX_URL_IN_BATCH = 64 * 1024
_TRIES = 4
_T = TypeVar("_T")


class ODataService:
    """One environment's OData endpoint. Thread safe: every request works in transactions of its own."""

    style: ReadStyle

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
            return self.refusal(error.problem)
        except UnsupportedQueryError as error:
            return self.failure(501, str(error))
        except QueryError as error:
            return self.failure(400, str(error))
        except RetryError as error:
            response = self.failure(503, str(error))
            response.headers["Retry-After"] = str(int(error.after or 1))
            return response

    def answer(self, request: Request) -> Response:
        """Route the request; raises what `handle` renders."""
        raise NotImplementedError

    def failure(self, status: int, message: str, code: str = "") -> Response:
        """The dialect's body for an error of the whole request."""
        raise NotImplementedError

    def refusal(self, problem: Problem) -> Response:
        """The dialect's body for a refused row."""
        raise NotImplementedError

    def transact(self, work: Callable[[Session], _T], user: UUID | None = None) -> _T:
        """
        Run `work` in a transaction, again when another writer got in between.

        Raises:
            RowRefusedError: Another row took a unique value for good.
            RetryError: The database is busy or went away.
        """
        for attempt in range(1, _TRIES + 1):
            try:
                with self.database.begin(user) as session:
                    return work(session)
            except IntegrityError as error:
                if attempt == _TRIES:
                    detail = str(error.orig).splitlines()[0]
                    message = (
                        f"another row was written with the same key at the same time ({detail}); try again"
                    )
                    raise RowRefusedError(Problem(ProblemKind.DUPLICATE_KEY, message)) from error
            except RetryError:
                if attempt == _TRIES:
                    raise
        raise AssertionError("unreachable")

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

    def address(self, entity: Entity, key: Key) -> Address:
        """The row that a key in a URL names; values are brought to the types of the key properties."""
        if isinstance(key, SingleKey):
            names: tuple[str, ...] = entity.key
            values: tuple[object, ...] = (key.value,)
        else:
            names = tuple(self._key_property(entity, name) for name, _ in key.pairs)
            values = tuple(value for _, value in key.pairs)
        allowed = [
            entity.key,
            (entity.table.primary_key,),
            *(item.properties for item in entity.alternate_keys),
        ]
        match = next((known for known in allowed if set(known) == set(names)), None)
        if match is None or len(names) != len(values):
            known_keys = " or ".join(f"({', '.join(item)})" for item in dict.fromkeys(allowed))
            raise RequestError(
                400, f"({', '.join(names)}) is no key of {entity.name}; it has {known_keys}", "0x8006088f"
            )
        pairs = dict(zip(names, values, strict=True))
        return Address(
            entity.name, match, tuple(self._key_value(entity, name, pairs[name]) for name in match)
        )

    def _key_property(self, entity: Entity, name: str) -> str:
        item = member_property(entity, name) or entity.property.get(name)
        if item is None:
            raise RequestError(
                400,
                f"{entity.name} has no key property '{name}'; {nearest(name, entity.property)}",
                "0x8006088f",
            )
        return item.name

    def _key_value(self, entity: Entity, name: str, value: object) -> Value:
        plain = value.member if isinstance(value, EnumLiteral) else value
        item = entity.property.get(name) or entity.table.column[name]
        if name == "dataAreaId" and isinstance(plain, str):
            return plain.lower()
        return typed(plain, item)  # type: ignore[arg-type]

    def bind_address(self, reference: str, entities: Sequence[str], root: str) -> Address:
        """The row that an `@odata.bind` or `@odata.id` names; 400 when it is of another entity."""
        path = self.reference(reference, root)
        found = self.entity_at(path.segments[0])
        if found.name not in entities:
            raise RequestError(400, f"'{reference}' is a {found.name}, a {' or '.join(entities)} is wanted", "0x80048d19")
        key = path.segments[0].key
        if key is None:
            raise RequestError(400, f"'{reference}' has no key; write {found.set_name}(<key>)", "0x80048d19")
        return self.address(found, key)

    def reference(self, reference: str, root: str) -> ResourcePath:
        """A reference's path below the service root."""
        return parse_reference(reference, root or None)

    def find(self, session: Session, address: Address) -> Value:
        """The primary key of the row at an address.

        Raises:
            RowRefusedError: There is none.
        """
        found = self.saver(session).find([address])
        key = found.get(address)
        if key is None:
            raise RowRefusedError(
                Problem(ProblemKind.NOT_FOUND, f"{address} does not exist", code=self.missing_code(address))
            )
        return key

    def missing_code(self, address: Address) -> str:
        """The dialect's code for a missing row; empty for its default."""
        return ""

    def set_page(
        self, request: Request, entity: Entity, page: Page, next_url: str, delta_url: str
    ) -> Response:
        """A page of a set as JSON, with its context, count and links."""
        head = {"@odata.context": f"{request.root}$metadata#{entity.set_name}"}
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
        if page.following is not None:
            out.append(b',"@odata.nextLink":' + msgspec.json.encode(next_url))
        if page.delta is not None:
            out.append(b',"@odata.deltaLink":' + msgspec.json.encode(delta_url))
        out.append(b"}")
        return Response(200, b"".join(out), {"Content-Type": COLLECTION})

    def row_body(self, request: Request, entity: Entity, row: str, status: int = 200) -> Response:
        """One row as JSON with its context and ETag header."""
        context = msgspec.json.encode(f"{request.root}$metadata#{entity.set_name}/$entity")
        body = b'{"@odata.context":' + context + b"," + row[1:].encode()
        version = msgspec.json.decode(row)["@odata.etag"]
        return Response(status, body, {"Content-Type": JSON, "ETag": version})

    def options(self, request: Request) -> QueryOptions:
        """The query options of the request."""
        return parse_options(request.query)

    def path(self, request: Request) -> ResourcePath:
        """The path of the request."""
        return parse_path(request.path)

    def key_url(self, request: Request, entity: Entity, names: Sequence[str], values: Sequence[Value]) -> str:
        """The absolute URL of a row; a lone surrogate key stands without its name."""
        if tuple(names) == (entity.table.primary_key,):
            pairs: list[tuple[str, Value]] = [("", values[0])]
        else:
            pairs = [
                (f"_{name}_value" if entity.property[name].is_lookup else name, value)
                for name, value in zip(names, values, strict=True)
            ]
        return f"{request.root}{entity.set_name}{key_segment(pairs)}"

    def _check_size(self, request: Request) -> None:
        if len(request.path) + len(request.query) > MAX_URL_IN_BATCH:
            raise RequestError(
                414, f"the URL is longer than {MAX_URL_IN_BATCH} characters; send it in a $batch"
            )
        if len(request.body) > MAX_BODY:
            raise RequestError(
                413, f"the body is larger than {MAX_BODY // 1024 // 1024} MiB; send it in parts"
            )


def etag_version(header: str, *, text_form: bool) -> int | None:
    """The version that an If-Match names; None for `*`.

    Raises:
        RequestError: It is no ETag of this service.
    """
    if header.strip() == "*":
        return None
    inner = header.strip().removeprefix("W/").strip('"')
    if text_form:
        try:
            inner = base64.b64decode(inner, validate=True).decode().strip("'").split(",")[0]
        except (binascii.Error, UnicodeDecodeError) as error:
            raise RequestError(412, f"{header} is no ETag of this service; read the row again") from error
    if not inner.isdecimal():
        raise RequestError(412, f"{header} is no ETag of this service; read the row again")
    return int(inner)


def is_plain_key(entity: Entity, address: Address) -> bool:
    """Whether the address is the surrogate key."""
    return address.names == (entity.table.primary_key,)
