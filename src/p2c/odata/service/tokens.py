"""What next links and delta links carry; opaque to clients."""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from p2c.odata.query.errors import QueryError

_SKIP = re.compile(r"(?P<skipped>\d{1,12})~(?P<last>[\w=-]{0,60000})~(?P<upto>\d{1,19})~(?P<since>\d{1,19})")
_DELTA = re.compile(r"(?P<since>\d{1,19})!(?P<when>\d\d/\d\d/\d{4} \d\d:\d\d:\d\d)")
_place = msgspec.json.Decoder(tuple[str | None, ...])
_MOMENT = "%m/%d/%Y %H:%M:%S"


@dataclass(frozen=True, slots=True)
class SkipToken:
    """Where the next page starts: after `skipped` rows, the last of which stands at `last`.

    `last` has the texts of the columns that rows are ordered by, the key last. `upto` and `since` are those of
    the change tracking that the page belongs to, 0 without.
    """

    skipped: int
    last: tuple[str | None, ...]
    upto: int = 0
    since: int = 0

    def __str__(self) -> str:
        place = urlsafe_b64encode(msgspec.json.encode(self.last)).decode()
        return f"{self.skipped}~{place}~{self.upto}~{self.since}"

    @classmethod
    def parse(cls, text: str) -> SkipToken:
        """Read a token back; QueryError when it is none of ours."""
        found = _SKIP.fullmatch(text)
        try:
            if found is not None:
                last = _place.decode(urlsafe_b64decode(found["last"]))
                return cls(int(found["skipped"]), last, int(found["upto"]), int(found["since"]))
        except (binascii.Error, msgspec.MsgspecError, UnicodeDecodeError):
            pass
        reason = "this is no $skiptoken of this service"
        raise QueryError(text, 0, reason, "follow the next link unchanged")


@dataclass(frozen=True, slots=True)
class DeltaToken:
    """Changes from transaction `since` (0: all rows) up to, not including, transaction `upto`."""

    since: int
    upto: int
    when: datetime

    def __str__(self) -> str:
        return f"{self.upto}!{self.when.astimezone(UTC).strftime(_MOMENT)}"

    @classmethod
    def parse(cls, text: str) -> tuple[int, datetime]:
        """The transaction to read from and when the token was made; QueryError when it is none of ours."""
        found = _DELTA.fullmatch(text)
        if found is None:
            raise QueryError(text, 0, "this is no $deltatoken of this service", "read all rows again")
        try:
            when = datetime.strptime(found["when"], _MOMENT).replace(tzinfo=UTC)
        except ValueError as error:
            raise QueryError(text, 0, "this is no $deltatoken of this service", "read all rows again") from error
        return int(found["since"]), when
