"""Who may send how many requests at once to an environment, and the pauses that it asked for.

All times are the database's; a clock that is moved back makes nobody wait for it. A gate's row is locked while its
places are divided, so that they are given once.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import psycopg
from sqlalchemy import text

from p2c.integrator.shares import fair_share, granted
from p2c.integrator.store.transactions import Transactions
from p2c.odata.client.gate import MOST

_CHANNEL = "p2c_gate"
_LOCK = text(
    "INSERT INTO gate (name, places, resume_at, told_at) "
    "VALUES (:gate, coalesce(CAST(:hint AS integer), :most), clock_timestamp() + make_interval(secs => :pause), "
    "clock_timestamp()) "
    "ON CONFLICT (name) DO UPDATE SET places = coalesce(CAST(:hint AS integer), gate.places), "
    # A pause that was told later than now was told by a clock that has been moved back since.
    "resume_at = greatest(CASE WHEN gate.told_at <= clock_timestamp() THEN gate.resume_at END, "
    "clock_timestamp() + make_interval(secs => :pause)), "
    "told_at = CASE WHEN :pause > 0 THEN clock_timestamp() ELSE least(gate.told_at, clock_timestamp()) END "
    "RETURNING places, CAST(extract(epoch FROM resume_at - clock_timestamp()) AS double precision) AS pause"
)
_EXPIRED = text(
    "DELETE FROM gate_lease WHERE gate = :gate AND (expires_at <= clock_timestamp() "
    # So long no lease lasts: the clock was moved back, and who still lives asks again within a second.
    "OR expires_at > clock_timestamp() + make_interval(secs => :seconds) + interval '1 second')"
)
_LEASES = text("SELECT member, places FROM gate_lease WHERE gate = :gate ORDER BY number")
_TAKE = text(
    "INSERT INTO gate_lease (gate, member, places, expires_at) "
    "VALUES (:gate, :member, :places, clock_timestamp() + make_interval(secs => :seconds)) "
    "ON CONFLICT (gate, member) DO UPDATE SET places = excluded.places, expires_at = excluded.expires_at"
)
_GIVE_BACK = text("DELETE FROM gate_lease WHERE gate = :gate AND member = :member")
_TELL = text("SELECT pg_notify(:channel, :news)")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a member of a gate asks for.

    `kept` are places that it cannot give back yet, `hint` the parallelism that the environment recommended to it,
    `pause` the seconds that the environment asked it to wait from now on. The lease ends after `seconds`.
    """

    gate: str
    member: str
    seconds: float
    kept: int = 0
    hint: int | None = None
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Lease:
    """What a member got: it holds `places`, and should come down to `fair` of them.

    Nobody may send for `pause` seconds from now on; 0 or less when all may.
    """

    places: int
    fair: int
    pause: float


@dataclass(frozen=True, slots=True)
class News:
    """`member` changed something at `gate` that the other members should look at; both empty: look at all."""

    gate: str = ""
    member: str = ""


class Gates(Transactions):
    """The gates of all environments."""

    def lease(self, claim: Claim) -> Lease:
        """Join a gate or stay at it. The others hear of who joins, of places that come free and of pauses."""
        names = {"gate": claim.gate, "member": claim.member}
        with self._begin() as connection:
            gate = connection.execute(_LOCK, {**names, "hint": claim.hint, "most": MOST, "pause": claim.pause}).one()
            gone = connection.execute(_EXPIRED, {**names, "seconds": claim.seconds}).rowcount
            held = {row.member: row.places for row in connection.execute(_LEASES, names)}
            before = held.setdefault(claim.member, -1)
            fair = fair_share(gate.places, len(held), list(held).index(claim.member))
            others = sum(places for member, places in held.items() if member != claim.member)
            places = granted(gate.places, others, fair, claim.kept)
            connection.execute(_TAKE, {**names, "places": places, "seconds": claim.seconds})
            if gone or before < 0 or places < before or claim.pause > 0:
                connection.execute(_TELL, {"channel": _CHANNEL, "news": f"{claim.member} {claim.gate}"})
        return Lease(places, fair, float(gate.pause))

    def give_back(self, gate: str, member: str) -> None:
        """Leave a gate with all places; may be called twice."""
        with self._begin() as connection:
            if connection.execute(_GIVE_BACK, {"gate": gate, "member": member}).rowcount:
                connection.execute(_TELL, {"channel": _CHANNEL, "news": f"{member} {gate}"})

    async def news(self) -> AsyncGenerator[News, None]:
        """
        What members of gates change, as it happens, from any process. The first is empty: listening has begun.

        Raises:
            psycopg.Error: The database is away.
        """
        url = self._engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute(f"LISTEN {_CHANNEL}")
            yield News()
            async for note in connection.notifies():
                member, _, gate = note.payload.partition(" ")
                yield News(gate, member)
