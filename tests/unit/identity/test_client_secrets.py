"""Client secrets are kept as hashes and shown once."""

from __future__ import annotations

from p2c.identity.client_secrets import LONGEST, hashed, matches, new_secret


def test_a_secret_matches_its_hash_and_no_other() -> None:
    secret = new_secret()
    kept = hashed(secret)
    assert matches(secret, kept)
    assert not matches(new_secret(), kept)


def test_the_hash_does_not_contain_the_secret_and_differs_every_time() -> None:
    secret = new_secret()
    assert secret not in hashed(secret)
    assert hashed(secret) != hashed(secret)


def test_an_endless_secret_is_refused_before_it_costs_anything() -> None:
    assert not matches("x" * (LONGEST + 1), "not even looked at")
