"""Who a destination row belongs to while it is under way, where several processes carry the parts of a leg."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text

from p2c.database.arrays import text_array
from p2c.integrator.store.progress import TakenOverError
from p2c.integrator.store.transactions import Transactions

_CLAIM = text(
    "INSERT INTO claim AS c (leg_run, address, source_id) "
    "SELECT :leg_run, * FROM unnest(CAST(:addresses AS text[]), CAST(:ids AS text[])) "
    "WHERE EXISTS (SELECT FROM division WHERE leg_run = :leg_run) "
    # Written as it is, so that it is told.
    "ON CONFLICT (leg_run, address) DO UPDATE SET source_id = c.source_id RETURNING address, source_id"
)
_SETTLE = text(
    "DELETE FROM claim c USING unnest(CAST(:addresses AS text[]), CAST(:ids AS text[])) AS s (address, source_id) "
    "WHERE c.leg_run = :leg_run AND c.address = s.address AND c.source_id = s.source_id"
)
# A claim that is lost with the machine was one of a batch that is lost with it.
_NO_WAIT = text("SET LOCAL synchronous_commit = off")


class StoredClaims(Transactions):
    """Claims of the legs that are carried in parts."""

    def claim(self, leg_run: int, wanted: Mapping[str, str]) -> dict[str, str]:
        """
        Claim addresses for source rows, as far as they are free: whose each is now, these or others.

        Raises:
            TakenOverError: The leg's run does not go any more.
        """
        with self._begin() as connection:
            connection.execute(_NO_WAIT)
            held = {row.address: row.source_id for row in connection.execute(_CLAIM, _values(leg_run, wanted))}
        if len(held) < len(wanted):
            raise TakenOverError(f"leg run {leg_run}")
        return held

    def settle_claims(self, leg_run: int, wanted: Mapping[str, str]) -> None:
        """What became of these rows is recorded; claims of others stay."""
        with self._begin() as connection:
            connection.execute(_NO_WAIT)
            connection.execute(_SETTLE, _values(leg_run, wanted))


def _values(leg_run: int, wanted: Mapping[str, str]) -> dict[str, object]:
    # In one order, so that two batches that want the same wait for each other and do not deadlock.
    addresses = sorted(wanted)
    ids = [wanted[address] for address in addresses]
    return {"leg_run": leg_run, "addresses": text_array(addresses), "ids": text_array(ids)}
