"""Data entities of users and of the applications that act as them."""

from __future__ import annotations

from p2c.operations.entities.build import over
from p2c.operations.tables.system_user import ENTRA_APPLICATION, SYSTEM_USER
from p2c.text import N_

SYSTEM_USERS = over(
    SYSTEM_USER,
    name="SystemUser",
    set_name="SystemUsers",
    label=N_("System user"),
    key=("UserID",),
    name_property="UserName",
)

SYS_AAD_CLIENTS = over(
    ENTRA_APPLICATION,
    name="SysAADClient",
    set_name="SysAADClients",
    label=N_("Microsoft Entra applications"),
    key=("AADClientId",),
    name_property="Name",
)
