"""The zip around a package: read from disk with bounds, so that a small upload cannot become endless."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from p2c.odata.packages.errors import PackageError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_MEMBERS = 1000
MAX_UNPACKED = 4 * 1024**3
MAX_RATIO = 200
RATIO_FREE = 16 * 1024**2
"""Files up to this size may be packed as tightly as they like: short ones repeat themselves."""
MAX_DESCRIPTION = 16 * 1024**2
_BUFFER = 64 * 1024
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, NotImplementedError)


class Archive:
    """
    A package as a zip. Names are compared without regard to case, and without folders before them.

    Raises:
        PackageError: It is no zip, has too many members, or unpacks to more than is allowed.
    """

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except _DAMAGE as error:
            raise PackageError(f"the package is no zip file ({error})", way_out="upload a zip") from error
        members = self._zip.infolist()
        if len(members) > MAX_MEMBERS:
            raise PackageError(f"the package has {len(members)} files, at most {MAX_MEMBERS} are read")
        if sum(member.file_size for member in members) > MAX_UNPACKED:
            raise PackageError(f"the package unpacks to more than {MAX_UNPACKED // 1024**3} GiB; send it in parts")
        for member in members:
            if member.flag_bits & 1:
                raise PackageError(f"{member.filename} is encrypted", way_out="pack it without a password")
            if member.file_size > max(RATIO_FREE, MAX_RATIO * member.compress_size):
                raise PackageError(f"{member.filename} is packed more than {MAX_RATIO} times; pack it plainly")
        self._members = {member.filename.replace("\\", "/").rpartition("/")[2].lower(): member for member in members}

    def open(self, name: str) -> io.BufferedReader:
        """
        A stream of a file's content, never longer than the zip says.

        Raises:
            PackageError: There is no such file, or it is damaged; reading the stream raises that too.
        """
        member = self._members.get(name.replace("\\", "/").rpartition("/")[2].lower())
        if member is None:
            raise PackageError(f"the package has no file {name!r}", way_out="InputFilePath must name it exactly")
        with _translated(name):
            return io.BufferedReader(_Member(self._zip.open(member), name), _BUFFER)

    def small(self, name: str) -> bytes:
        """The content of a describing file, which must be small."""
        with self.open(name) as stream:
            content = stream.read(MAX_DESCRIPTION + 1)
        if len(content) > MAX_DESCRIPTION:
            raise PackageError(f"{name} is larger than {MAX_DESCRIPTION // 1024**2} MiB")
        return content


class _Member(io.RawIOBase):
    """The content of one file of a zip; what the zip library says of damage becomes one kind of error."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream = stream
        self._name = name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        with _translated(self._name):
            piece = self._stream.read(len(view))
        view[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._stream.close()
        super().close()


@contextmanager
def _translated(name: str) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise PackageError(f"{name} cannot be unpacked ({error})", way_out="pack it again, with deflate") from error
