"""Services never listen to other machines without authentication and encryption."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from p2c.errors import ConfigurationError
from p2c.identity.certificates import generated_files
from p2c.odata.service.protection.limits import Limits
from p2c.settings import Service, Settings
from p2c.wiring.guard import Guard, GuardOptions, make_guard, parse_limits


def settings(data: Path) -> Settings:
    """Usual ports."""
    return Settings(data, {service: service.default_port for service in Service})


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_on_this_machine_nothing_is_asked_for(host: str) -> None:
    GuardOptions(host).check()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.10", "", "example.com"])
@pytest.mark.parametrize(("auth", "tls", "missing"), [
    (False, False, "--auth on and --tls"),
    (True, False, "--tls"),
    (False, True, "--auth on"),
])  # fmt: skip
def test_elsewhere_both_authentication_and_encryption_are_needed(
    host: str, auth: bool, tls: bool, missing: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"without {missing};"):
        GuardOptions(host, auth=auth, tls=tls).check()


def test_with_both_other_machines_may_call() -> None:
    GuardOptions("0.0.0.0", auth=True, tls=True).check()


def test_a_name_is_no_address_to_listen_on() -> None:
    with pytest.raises(ConfigurationError, match="--name"):
        GuardOptions("erp.example.com", auth=True, tls=True).check()


def test_a_certificate_needs_its_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="--tls-key"):
        GuardOptions(tls=True, certificate=tmp_path / "c.pem").check()


def test_tokens_are_meant_for_the_environment_under_every_name_of_the_machine(tmp_path: Path) -> None:
    options = GuardOptions("0.0.0.0", "erp.example.com", auth=True, tls=True)
    urls = {Service.SALES: "https://erp.example.com:9001/api/data/v9.2/"}
    guard = make_guard(settings(tmp_path), options, urls, generated_files(tmp_path, [], _now()), "")
    assert {"https://erp.example.com:9001", "https://localhost:9001"} <= set(guard.origins["sales"])
    assert guard.identity == "https://erp.example.com:8404"
    assert not set(guard.origins["sales"]) & set(guard.origins["operations"])


def test_faults_can_be_switched_only_where_nobody_else_can_reach_the_service(tmp_path: Path) -> None:
    local, open_to_others = (
        make_guard(settings(tmp_path), GuardOptions(host), {}, None, "") for host in ("127.0.0.1", "0.0.0.0")
    )
    assert (local.faults, open_to_others.faults) == (True, False)


def test_a_guard_survives_the_way_to_its_process_and_shows_no_password(tmp_path: Path) -> None:
    limits = {Service.SALES: Limits(requests=5)}
    guard = make_guard(settings(tmp_path), GuardOptions(limits=limits), {}, None, "postgresql://joe:hunter2@db/i")
    assert msgspec.json.decode(msgspec.json.encode(guard), type=Guard) == guard
    assert "hunter2" not in repr(guard)


def test_limits_are_chosen_by_dialect_and_may_be_made_smaller() -> None:
    assert parse_limits(["dataverse"]) == {Service.SALES: Limits(), Service.COMMONDATA: Limits()}
    assert parse_limits(["fno:requests=10,window=5"]) == {Service.OPERATIONS: Limits(requests=10, window=5.0)}
    assert parse_limits(["none"]) == {}


@pytest.mark.parametrize("word", ["dataverze", "fno:requests=0", "fno:requests=x", "fno:colour=1", "fno:requests"])
def test_limits_that_are_none_are_refused(word: str) -> None:
    with pytest.raises(ConfigurationError, match="--limits"):
        parse_limits([word])


def _now() -> datetime:
    return datetime(2025, 3, 31, tzinfo=UTC)
