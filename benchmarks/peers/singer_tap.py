"""A Singer tap, by the Singer SDK: accounts of an environment, page by page. Its configuration has the base URL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import ParseResult, parse_qsl

import requests
from singer_sdk import RESTStream, Stream, Tap
from singer_sdk import typing as th
from singer_sdk.pagination import BaseHATEOASPaginator

from benchmarks.peers.world import COLUMNS, KEY, PREFER, SELECT
from p2c.edm.values import EdmType

_TYPES = {
    EdmType.STRING: th.StringType,
    EdmType.BOOLEAN: th.BooleanType,
    EdmType.INT32: th.IntegerType,
    EdmType.DECIMAL: th.NumberType,
}


class _NextLinks(BaseHATEOASPaginator):
    def get_next_url(self, response: requests.Response) -> str | None:
        """The next page, where there is one."""
        link: str | None = response.json().get("@odata.nextLink")
        return link


class Accounts(RESTStream[ParseResult]):
    """All accounts."""

    name = "accounts"
    path = "/accounts"
    primary_keys = (KEY,)
    records_jsonpath = "$.value[*]"
    schema = th.PropertiesList(*(th.Property(name, _TYPES[kind]) for name, kind in COLUMNS.items())).to_dict()

    @property
    def url_base(self) -> str:
        """The environment's base URL."""
        return str(self.config["url"]).rstrip("/")

    @property
    def http_headers(self) -> dict[str, str]:
        """Pages of five thousand rows."""
        return PREFER

    def get_new_paginator(self) -> BaseHATEOASPaginator:
        """By next links."""
        return _NextLinks()

    def get_url_params(self, context: Any, next_page_token: ParseResult | None) -> dict[str, Any]:
        """What the next link says, or the columns."""
        return dict(parse_qsl(next_page_token.query)) if next_page_token else {"$select": SELECT}


class AccountsTap(Tap):
    """The tap of one entity."""

    name = "tap-dataverse-accounts"
    config_jsonschema = th.PropertiesList(th.Property("url", th.StringType, required=True)).to_dict()

    def discover_streams(self) -> Sequence[Stream]:
        """Accounts."""
        return [Accounts(self)]


if __name__ == "__main__":
    AccountsTap.cli()
