"""Which messages tables take: the rows of `sdkmessages` and `sdkmessagefilters` that clients ask before bulk writes."""

from __future__ import annotations

from functools import partial

from p2c.edm.entity import Model
from p2c.odata.service.dataverse.definitions.definition import Definition, Json, metadata_id

MESSAGES = (
    "Create",
    "Update",
    "Upsert",
    "Delete",
    "Retrieve",
    "RetrieveMultiple",
    "Associate",
    "Disassociate",
    "CreateMultiple",
    "UpdateMultiple",
    "UpsertMultiple",
)


def messages() -> list[Definition]:
    """The messages of the service, one row each."""
    return [Definition(_message(name)) for name in MESSAGES]


def message_filters(model: Model) -> list[Definition]:
    """One row for each message that a table takes."""
    found = []
    for entity in model.entities:
        for name in MESSAGES:
            values: Json = {
                "sdkmessagefilterid": str(metadata_id("sdkmessagefilter", entity.name, name)),
                "primaryobjecttypecode": entity.name,
                "secondaryobjecttypecode": "none",
                "_sdkmessageid_value": _message(name)["sdkmessageid"],
                "iscustomprocessingstepallowed": True,
                "isvisible": True,
                "availability": 0,
            }
            found.append(Definition(values, {"sdkmessageid": partial(Definition, _message(name))}))
    return found


def _message(name: str) -> Json:
    return {
        "sdkmessageid": str(metadata_id("sdkmessage", name)),
        "name": name,
        "categoryname": name,
        "isprivate": False,
        "isactive": True,
        "isreadonly": False,
        "expand": False,
        "template": False,
    }
