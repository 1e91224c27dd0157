"""Settings come from the environment; a command's own options come first."""

from __future__ import annotations

from pathlib import Path

import pytest

from p2c.errors import ConfigurationError
from p2c.settings import Service, read_settings


def test_without_variables_services_have_their_usual_ports_and_the_embedded_database() -> None:
    """Integrator 8400, Sales 8401, Operations 8402, Common Data Service 8403, identity 8404."""
    settings = read_settings({"XDG_DATA_HOME": "/var/data"})
    assert [settings.ports[service] for service in Service] == [8400, 8401, 8402, 8403, 8404]
    assert settings.database_urls == {}
    assert settings.data == Path("/var/data/prospect-to-cash")


def test_the_data_option_comes_before_the_variable() -> None:
    """--data beats P2C_DATA, which beats the default."""
    environment = {"P2C_DATA": "/from/variable"}
    assert read_settings(environment).data == Path("/from/variable")
    assert read_settings(environment, Path("/from/option")).data == Path("/from/option")


def test_a_service_may_have_a_database_of_its_own() -> None:
    """The others keep the embedded one."""
    settings = read_settings({"P2C_SALES_DATABASE_URL": "postgresql://joe@db/sales"})
    assert settings.database_urls == {Service.SALES: "postgresql://joe@db/sales"}


def test_a_password_is_not_shown_when_settings_are_printed() -> None:
    """Neither database URLs nor environment URLs appear in the representation."""
    settings = read_settings({"P2C_SALES_DATABASE_URL": "postgresql://joe:secret@db/sales"})
    assert "secret" not in repr(settings)


@pytest.mark.parametrize("text", ["eighty", "-1", "65536", "8401x"])
def test_a_port_that_is_none_is_refused_with_the_name_of_its_variable(text: str) -> None:
    """The user learns which variable to mend."""
    with pytest.raises(ConfigurationError, match="P2C_SALES_PORT"):
        read_settings({"P2C_SALES_PORT": text})


def test_history_is_kept_for_45_days_unless_told_otherwise() -> None:
    assert read_settings({}).history_days == 45
    assert read_settings({"P2C_HISTORY_DAYS": "0"}).history_days == 0


@pytest.mark.parametrize("text", ["ten", "-1", "1.5", "36501"])
def test_days_that_are_none_are_refused_with_the_name_of_their_variable(text: str) -> None:
    with pytest.raises(ConfigurationError, match="P2C_HISTORY_DAYS"):
        read_settings({"P2C_HISTORY_DAYS": text})
