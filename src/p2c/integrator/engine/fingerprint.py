"""Ties a checkpoint to the map and the environments that it was reached with: a changed map makes every row worth
reading again, and another environment at the same URL makes the checkpoint worth nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from p2c.integrator.connections import OrganizationMapping
from p2c.integrator.mapping.template import Leg

_SEPARATOR = " "
_WITH = "@"


def fingerprint(leg: Leg, organizations: Sequence[OrganizationMapping]) -> str:
    """Sixteen hex digits over all that decides what a row becomes: ends, keys, query, conditions, field maps,
    companies.

    Where things stand in a file does not count.
    """
    ends = [(end.environment, end.entity, end.key) for end in (leg.source, leg.destination)]
    where = [condition.filter for condition in leg.where]
    fields = [
        (
            item.to,
            [source.name for source in item.sources],
            [(call.name, call.arguments) for call in item.transforms],
            item.default,
        )
        for item in leg.fields
    ]
    companies = sorted((item.legal_entity, item.organization, item.business_unit) for item in organizations)
    # A leg without a query keeps the mark that it had before there were queries, and so its checkpoint.
    query = (leg.query,) if leg.query else ()
    return hashlib.blake2b(repr((ends, where, fields, companies, *query)).encode(), digest_size=8).hexdigest()


def sealed(checkpoint: str, mark: str, identities: Sequence[str]) -> str:
    """A checkpoint with the fingerprint of its map and the identities of both ends; it may be empty."""
    return f"{_WITH.join((mark, *identities))}{_SEPARATOR}{checkpoint}"


def opened(stored: str | None, mark: str) -> str | None:
    """The checkpoint, when it was reached with this very map; None means: read everything."""
    if stored is None:
        return None
    found, _, checkpoint = stored.partition(_SEPARATOR)
    return checkpoint if found.split(_WITH)[0] == mark and checkpoint else None


def moved(stored: str | None, identities: Sequence[str]) -> list[bool]:
    """For each end whether another environment answers now; an end that did not say, then or now, has not moved."""
    known = (stored or "").partition(_SEPARATOR)[0].split(_WITH)[1:] or [""] * len(identities)
    return [bool(before and now and before != now) for before, now in zip(known, identities, strict=True)]
