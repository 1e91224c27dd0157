"""A Singer target, by the Singer SDK: records of accounts go to an environment in bulk calls."""

from __future__ import annotations

from typing import Any

import requests
from singer_sdk import BatchSink, Target
from singer_sdk import typing as th

from benchmarks.peers.sequential import upsert
from benchmarks.peers.world import CALL_ROWS


class AccountsSink(BatchSink):
    """Sends what was gathered in one call."""

    max_size = CALL_ROWS

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._session = requests.Session()

    def process_batch(self, context: dict[str, Any]) -> None:
        """One UpsertMultiple."""
        records = [
            {name: value for name, value in record.items() if not name.startswith("_sdc_")}
            for record in context["records"]
        ]
        upsert(self._session, str(self.config["url"]), records)


class AccountsTarget(Target):
    """The target of one entity."""

    name = "target-dataverse-accounts"
    config_jsonschema = th.PropertiesList(th.Property("url", th.StringType, required=True)).to_dict()
    default_sink_class = AccountsSink


if __name__ == "__main__":
    AccountsTarget.cli()
