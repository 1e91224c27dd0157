"""Who works in Operations: users with their default company, and the applications that act as one of them."""

from __future__ import annotations

from p2c.edm.declare import boolean
from p2c.edm.entity import Table
from p2c.operations.tables.column import NEEDED, RECORD_ID, record_id, string
from p2c.text import N_

USER_ID_LENGTH = 20
USER_NAME_LENGTH = 40
APPLICATION_NAME_LENGTH = 60

SYSTEM_USER = Table(
    # "system_user" is a reserved word of PostgreSQL.
    name="user_info",
    columns=(
        record_id(),
        string("UserID", USER_ID_LENGTH, N_("User"), required=NEEDED),
        string("UserName", USER_NAME_LENGTH, N_("User name")),
        string("Alias", 80, N_("Alias")),
        string("Email", 80, N_("Email")),
        string("Company", 4, N_("Company")),
        boolean("Enabled", N_("Enabled"), default=True),
    ),
    primary_key=RECORD_ID,
    ignores_case=True,
    unique=(("UserID",),),
    indexes=(("Alias",),),
)

ENTRA_APPLICATION = Table(
    name="entra_application",
    columns=(
        record_id(),
        string("AADClientId", 100, N_("Application"), required=NEEDED),
        string("Name", APPLICATION_NAME_LENGTH, N_("Name")),
        string("UserId", USER_ID_LENGTH, N_("User")),
    ),
    primary_key=RECORD_ID,
    ignores_case=True,
    unique=(("AADClientId",),),
    indexes=(("UserId",),),
)
