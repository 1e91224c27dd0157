"""Quote close (quoteclose): the activity that records why and when a quote was won, lost or canceled."""

from __future__ import annotations

from p2c.edm.declare import choice, instant, lookup, status, text, whole
from p2c.edm.entity import Ownership
from p2c.sales.entities.build import sales_table
from p2c.text import N_

STATE = {0: N_("Open"), 1: N_("Completed"), 2: N_("Canceled")}
STATUS = {1: (0, N_("Open")), 2: (1, N_("Completed")), 3: (2, N_("Canceled"))}
COMPLETED_STATE, COMPLETED_STATUS = 1, 2

QUOTECLOSE = sales_table(
    "quoteclose",
    "quotecloses",
    N_("Quote Close"),
    N_("Quote Close"),
    text("subject", 200, N_("Subject")),
    text("description", 2000, N_("Description")),
    lookup("quoteid", N_("Quote"), "quote", inverses=("Quote_QuoteClose",)),
    text("quotenumber", 100, N_("Quote Number")),
    whole("revision", N_("Revision")),
    instant("actualend", N_("Close Date")),
    # Nothing is left to do when a quote is closed, so the activity is born completed.
    choice("statecode", N_("Activity Status"), STATE, default=COMPLETED_STATE),
    status("statuscode", N_("Status Reason"), STATUS, default=COMPLETED_STATUS),
    name_property="subject",
    primary_key="activityid",
    ownership=Ownership.USER,
    owners=("business_unit_quote_close_activities", "user_quoteclose", "team_quoteclose"),
    activity=True,
)
