"""Connects the integrator to the environments of a data directory: connections, a connection set, projects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from p2c.integrator.connections import OrganizationMapping
from p2c.integrator.default_setup import default_setup
from p2c.integrator.projects import CONNECTION_SET
from p2c.integrator.store import Store
from p2c.settings import ENVIRONMENTS, LOOPBACK, Service, Settings
from p2c.wiring.address_book import running

_HERE = frozenset({LOOPBACK, "localhost", "::1"})


def set_up(store: Store, settings: Settings, organizations: Sequence[OrganizationMapping] = ()) -> None:
    """
    Make what is missing, and let connections to services of this machine follow their ports.

    Connections to other machines, unless `P2C_…_URL` says otherwise, and projects stay as they are.
    `organizations` replace the mapping, if given.
    """
    default_setup(store, _urls(store, settings), organizations)
    if organizations:
        known = store.connection_set(CONNECTION_SET)
        store.save_connection_sets([replace(known, organizations=tuple(organizations))])


def _urls(store: Store, settings: Settings) -> Mapping[str, str]:
    known = {**running(settings.data), **settings.urls}
    urls = {service.value: known.get(service) or _usual_url(service, settings) for service in ENVIRONMENTS}
    kept = {
        connection.environment: connection.url
        for connection in store.connections()
        if connection.name in urls and urlsplit(connection.url).hostname not in _HERE
    }
    return {**urls, **kept, **{service.value: url for service, url in settings.urls.items()}}


def follow_urls(store: Store, settings: Settings) -> None:
    """Let connections be where `P2C_…_URL` says, for as long as this store is open; what is stored stays."""
    store.elsewhere = {service.value: url for service, url in settings.urls.items()}


def _usual_url(service: Service, settings: Settings) -> str:
    return f"http://{LOOPBACK}:{settings.ports[service] or service.default_port}{service.base_path}"
