"""Services listen, and tell at once when they cannot."""

from __future__ import annotations

from contextlib import closing

import pytest

from p2c.errors import ConfigurationError
from p2c.settings import Service
from p2c.wiring.sockets import listen, url_of


def test_port_0_picks_a_free_port_and_its_url_is_known() -> None:
    """The URL has the base path of the product that the service speaks like."""
    with closing(listen("127.0.0.1", 0, Service.OPERATIONS)) as listener:
        port = listener.getsockname()[1]
        assert url_of(listener, Service.OPERATIONS) == f"http://127.0.0.1:{port}/data/"


def test_a_port_in_use_names_service_port_and_option() -> None:
    """One line says all that is needed to go on."""
    with closing(listen("127.0.0.1", 0, Service.SALES)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(ConfigurationError, match=rf"Sales: port {port} is in use.*--port-sales"):
            listen("127.0.0.1", port, Service.SALES)
