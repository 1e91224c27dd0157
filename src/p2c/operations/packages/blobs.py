"""Blobs: the files that packages travel in, kept in the database, reached by signed addresses that run out."""

from __future__ import annotations

import hmac
import secrets
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import IO
from urllib.parse import parse_qs, quote, urlencode, urlsplit
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select, update

from p2c.database.session import Database, Session
from p2c.odata.packages.errors import PackageError
from p2c.operations.packages.storage import PackageTables

BLOB_PATH = "/blob"
MAX_BLOB = 512 * 1024**2
KEPT = timedelta(days=7)
WRITABLE_FOR = timedelta(hours=2)
READABLE_FOR = timedelta(days=1)
_CHUNK = 1024 * 1024
_VERSION = "2025-01-05"
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Blob:
    """A blob without its content; `size` is None until it has been written."""

    id: UUID
    name: str
    secret: bytes
    size: int | None


class Blobs:
    """The blobs of one environment."""

    def __init__(self, database: Database, tables: PackageTables) -> None:
        self._database = database
        self._tables = tables

    def create(self, name: str) -> UUID:
        """A place for a file, empty; what has outlived its time goes on the way."""
        with self._database.begin() as session:
            table = self._tables.blob
            session.connection.execute(delete(table).where(table.c.expires < session.now))
            return self.add(session, name)

    def add(self, session: Session, name: str) -> UUID:
        """A place for a file, in a transaction of the caller's."""
        row = {"id": uuid4(), "name": name, "secret": secrets.token_bytes(32), "expires": session.now + KEPT}
        session.connection.execute(insert(self._tables.blob).values(row))
        return row["id"]  # type: ignore[return-value]

    def store(self, name: str, content: IO[bytes]) -> UUID:
        """A new blob with this content, read from where the stream stands."""
        blob = self.create(name)
        self.write(blob, content)
        return blob

    def write(self, blob: UUID, content: IO[bytes]) -> int:
        """
        Give a blob its content, whatever it had before; the size in bytes.

        Raises:
            PackageError: It is larger than allowed; the blob stays as it was.
        """
        with self._database.begin() as session:
            return self.fill(session, blob, content)

    def fill(self, session: Session, blob: UUID, content: IO[bytes]) -> int:
        """As `write`, in a transaction of the caller's."""
        chunks, size, number = self._tables.chunk, 0, 0
        session.connection.execute(delete(chunks).where(chunks.c.blob == blob))
        while piece := content.read(_CHUNK):
            size += len(piece)
            if size > MAX_BLOB:
                raise PackageError(f"the file is larger than {MAX_BLOB // 1024**2} MiB; send it in parts")
            session.connection.execute(insert(chunks).values(blob=blob, number=number, content=piece))
            number += 1
        table = self._tables.blob
        session.connection.execute(update(table).where(table.c.id == blob).values(size=size))
        return size

    def find(self, blob: UUID) -> Blob | None:
        """A blob that has not outlived its time."""
        table = self._tables.blob
        with self._database.begin() as session:
            query = select(table.c.id, table.c.name, table.c.secret, table.c.size)
            row = session.connection.execute(query.where(table.c.id == blob, table.c.expires > session.now)).first()
        return Blob(*row) if row is not None else None

    def pieces(self, blob: UUID) -> Iterator[bytes]:
        """The content, a piece at a time, each read by itself."""
        table = self._tables.chunk
        number = 0
        while True:
            with self._database.begin() as session:
                query = select(table.c.content).where(table.c.blob == blob, table.c.number == number)
                piece = session.connection.execute(query).scalar_one_or_none()
            if piece is None:
                return
            yield piece
            number += 1

    @contextmanager
    def opened(self, blob: UUID) -> Iterator[IO[bytes]]:
        """The content as a file on disk, gone at the end."""
        with tempfile.TemporaryFile() as file:
            for piece in self.pieces(blob):
                file.write(piece)
            file.seek(0)
            yield file

    def url(self, root: str, blob: UUID, *, writable: bool = False) -> str:
        """
        An address that needs no other right: whoever has it may read the blob, or write it too, until it runs out.

        `root` is the service's base URL, whose host the address keeps.
        """
        found = self.find(blob)
        if found is None:
            raise PackageError("the file is gone; files are kept for seven days")
        rights = "rcw" if writable else "r"
        expires = (datetime.now(UTC) + (WRITABLE_FOR if writable else READABLE_FOR)).strftime(_MOMENT)
        query = {"sv": _VERSION, "sr": "b", "sp": rights, "se": expires, "sig": _signature(found, rights, expires)}
        parts = urlsplit(root)
        return f"{parts.scheme}://{parts.netloc}{BLOB_PATH}/{blob}/{quote(found.name, safe='')}?{urlencode(query)}"

    def allowed(self, blob: UUID, query: str, right: str) -> Blob | None:
        """The blob, when the query of its address gives a right (`r` or `w`) that has not run out."""
        values = {name: items[0] for name, items in parse_qs(query).items()}
        rights, expires = values.get("sp", ""), values.get("se", "")
        found = self.find(blob)
        if found is None or right not in rights:
            return None
        if not hmac.compare_digest(values.get("sig", "").encode(), _signature(found, rights, expires).encode()):
            return None
        until = datetime.strptime(expires, _MOMENT).replace(tzinfo=UTC)
        return found if until > datetime.now(UTC) else None

    def at(self, url: str) -> Blob:
        """
        The blob that an address names; only addresses of ours are followed.

        Raises:
            PackageError: It is not ours, not valid any more, or nothing has been written there.
        """
        parts = urlsplit(url)
        steps = parts.path.split("/")
        blob = _identifier(steps[2]) if len(steps) > 2 and f"/{steps[1]}" == BLOB_PATH else None
        found = self.allowed(blob, parts.query, "r") if blob is not None else None
        if found is None:
            raise PackageError(
                "the packageUrl is no valid address of a blob here",
                way_out="upload the package to the BlobUrl of GetAzureWriteUrl and send that",
            )
        if found.size is None:
            raise PackageError("nothing has been uploaded to the packageUrl", way_out="PUT the package there first")
        return found


def _identifier(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _signature(blob: Blob, rights: str, expires: str) -> str:
    digest = hmac.new(blob.secret, f"{blob.id}\n{rights}\n{expires}".encode(), sha256).digest()
    return urlsafe_b64encode(digest).decode()
