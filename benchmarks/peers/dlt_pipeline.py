"""dlt: its REST source, to a destination of one's own that sends bulk calls."""

from __future__ import annotations

import os
import tempfile
from typing import Any

os.environ |= {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    # One file a page, so that its loader has several to send at a time.
    "NORMALIZE__DATA_WRITER__FILE_MAX_ITEMS": "5000",
    "LOAD__WORKERS": "8",
}

import dlt
import requests
from dlt.common.typing import TDataItems
from dlt.sources.rest_api import rest_api_source
from dlt.sources.rest_api.typing import RESTAPIConfig

from benchmarks.peers.sequential import upsert
from benchmarks.peers.world import CALL_ROWS, PREFER, SELECT


def move(source: str, destination: str) -> None:
    """All accounts, through a pipeline whose state is kept in a temporary folder."""
    session = requests.Session()

    @dlt.destination(name="dataverse", batch_size=CALL_ROWS)
    def dataverse(items: TDataItems, table: Any) -> None:
        upsert(session, destination, items)

    with tempfile.TemporaryDirectory(prefix="p2c-bench-dlt-") as folder:
        pipeline = dlt.pipeline("accounts", pipelines_dir=folder, destination=dataverse)
        done = pipeline.run(rest_api_source(_source(source), name="dataverse"))
        done.raise_on_failed_jobs()
    session.close()


def _source(url: str) -> RESTAPIConfig:
    return {
        "client": {
            "base_url": url,
            "headers": PREFER,
            "paginator": {"type": "json_link", "next_url_path": "'@odata.nextLink'"},
        },
        "resources": [
            {
                "name": "accounts",
                "endpoint": {"path": "accounts", "params": {"$select": SELECT}, "data_selector": "value"},
            }
        ],
    }
