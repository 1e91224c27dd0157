"""The tables of the integrator's database."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

METADATA = MetaData()
QUEUE_SCHEMA = "jobs"
"""Where the queue keeps tables of its own, which others migrate."""

CONNECTION = Table(
    "connection",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("environment", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("sign_in", JSONB),
)

CONNECTION_SET = Table(
    "connection_set",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("definition", JSONB, nullable=False),
)

PROJECT = Table(
    "project",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("template_version", Integer, nullable=False),
    Column("connection_set", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("needs", ARRAY(Text), nullable=False),
    # The words of a schedule as JSON; null where the project runs only when it is asked to.
    Column("schedule", Text),
    # The words of a template file, so that stored, exported and shipped tasks are read by the same reader.
    Column("tasks", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
)

PROJECT_STATE = Table(
    "project_state",
    METADATA,
    Column("project", Text, primary_key=True),
    # What next_at follows from: a schedule that has changed since is settled anew.
    Column("schedule", Text),
    Column("next_at", DateTime(timezone=True)),
    Column("paused_at", DateTime(timezone=True)),
    Column("paused_because", Text, nullable=False, server_default=""),
    Column("last_run", BigInteger),
    Column("status", Text),
    Column("errors_in_a_row", Integer, nullable=False, server_default="0"),
    Column("last_success_at", DateTime(timezone=True)),
    Column("judged_run", BigInteger),
    Column("told_status", Text),
)

CHANNEL = Table(
    "channel",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("definition", JSONB, nullable=False),
)

JOB_TROUBLE = Table(
    "job_trouble",
    METADATA,
    # Of the queue's own tables, which others migrate.
    Column("job", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
)

LEG = Table(
    "leg",
    METADATA,
    Column("id", Integer, Identity(), primary_key=True),
    Column("project", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("leg", Integer, nullable=False),
    Column("checkpoint", Text),
    # Destination fields that were gone, or of another type, since the leg last sent all its rows.
    Column("lost", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    UniqueConstraint("project", "task", "leg", name="uq_leg"),
)

RUN = Table(
    "run",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("projects", ARRAY(Text), nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("started_by", Text, nullable=False),
    Column("all_data", Boolean, nullable=False),
    Column("status", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("notes", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("cause", Text, nullable=False, server_default=""),
)

COUNTED = ("read", "created", "updated", "unchanged", "skipped", "rejected", "deleted")
MEASURED = ("requests", "retries", "writes", "bytes_read", "bytes_written")
TIMED = ("seconds", "waited")
STEPS = {name: f"{name}_seconds" for name in ("read", "map", "match", "write", "record")}
"""The columns of the steps of a leg."""

RUNS_BY_STATUS = {"completed": "runs_completed", "warning": "runs_warning", "error": "runs_error"}

PROJECT_TOTAL = Table(
    "project_total",
    METADATA,
    Column("project", Text, primary_key=True),
    *(Column(name, BigInteger, nullable=False, server_default="0") for name in (*RUNS_BY_STATUS.values(), *COUNTED)),
    Column("waited", Double, nullable=False, server_default="0"),
)

LEG_RUN = Table(
    "leg_run",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("run_id", BigInteger, ForeignKey("run.id"), nullable=False),
    Column("leg_id", Integer, ForeignKey("leg.id"), nullable=False),
    Column("source", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("error", Text, nullable=False, server_default=""),
    Column("project_version", Integer, nullable=False, server_default="0"),
    Column("template", Text, nullable=False, server_default=""),
    Column("template_version", Integer, nullable=False, server_default="0"),
    *(Column(name, BigInteger, nullable=False, server_default="0") for name in COUNTED),
    Column("skipped_because", JSONB, nullable=False, server_default=text("'{}'")),
    *(Column(name, BigInteger, nullable=False, server_default="0") for name in MEASURED),
    *(Column(name, Double, nullable=False, server_default="0") for name in (*TIMED, *STEPS.values())),
    Column("checkpoint_before", Text),
    Column("checkpoint_after", Text),
    CheckConstraint("read = created + updated + unchanged + skipped + rejected", name="counts_add_up"),
    Index("ix_leg_run_run", "run_id"),
)

# What a leg that is under way offers to other workers; gone when the leg has ended.
DIVISION = Table(
    "division",
    METADATA,
    Column("leg_run", BigInteger, primary_key=True, autoincrement=False),
    # The process that offers, and the map that it carries by.
    Column("owner", Text, nullable=False),
    Column("mark", Text, nullable=False),
    Column("again", Boolean, nullable=False),
    Column("expected", BigInteger, nullable=False),
)

PART = Table(
    "part",
    METADATA,
    Column("leg_run", BigInteger, ForeignKey("leg_run.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("lower", Text, nullable=False),
    Column("upper", Text, nullable=False),
    # Who has it, the how-manieth try that is, and until when without a sign of life.
    Column("worker", Text, nullable=False, server_default=""),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("leased_until", DateTime(timezone=True)),
    Column("done", Boolean, nullable=False, server_default=text("false")),
    Column("rows", BigInteger, nullable=False, server_default="0"),
    # Source ids of rows that wait for others of their own kind, until the leg has ended.
    Column("held", ARRAY(Text), nullable=False, server_default=text("'{}'")),
)

# Destination rows that are on their way from one of the parts of a leg.
CLAIM = Table(
    "claim",
    METADATA,
    Column("leg_run", BigInteger, primary_key=True, autoincrement=False),
    Column("address", Text, primary_key=True),
    Column("source_id", Text, nullable=False),
)

ROW_STATE = Table(
    "row_state",
    METADATA,
    Column("leg_id", Integer, primary_key=True, autoincrement=False),
    Column("source_id", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("company", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("destination_id", Text, nullable=False),
    Column("disposition", Text, nullable=False),
    Column("reason", Text, nullable=False),
    # No index: an update that touches no indexed column stays in its page.
    Column("last_seen_run", BigInteger, nullable=False),
    Column("delivered_run", BigInteger, nullable=False, server_default="0"),
    # Digests of what was sent and of what the destination made of it, a field each; empty where nobody asks.
    Column("fields", LargeBinary, nullable=False, server_default=text("''")),
    Index("ix_row_state_destination", "leg_id", "destination_id"),
)

# Deliveries that are over; what stands is in row_state.
ROW_HISTORY = Table(
    "row_history",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("leg_id", Integer, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("company", Text, nullable=False),
    Column("destination_id", Text, nullable=False),
    # The run that had delivered the row, and the one that has replaced or removed it.
    Column("delivered_run", BigInteger, nullable=False),
    Column("run", BigInteger, nullable=False),
    Column("fate", Text, nullable=False),
    Index("ix_row_history_row", "leg_id", "source_id"),
)

MATCH = Table(
    "match",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("project", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    # The key fields of the source row by name: what stood there, and what was written.
    Column("before", JSONB, nullable=False),
    Column("written", JSONB, nullable=False),
    Column("applied_at", DateTime(timezone=True), nullable=False),
    Column("applied_by", Text, nullable=False),
    Index("ix_match_task", "project", "task"),
)

REJECTION = Table(
    "rejection",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("leg_id", Integer, ForeignKey("leg.id"), nullable=False),
    Column("source_id", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("company", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("way_out", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    # Fields that both sides have changed, with both values.
    Column("changes", JSONB, nullable=False, server_default=text("'[]'")),
    Column("first_run", BigInteger, nullable=False),
    Column("last_run", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("status", Text, nullable=False),
    # Who decided about the row last, and why; empty where nobody did, or it was rejected again since.
    Column("decided_by", Text, nullable=False, server_default=""),
    Column("why", Text, nullable=False, server_default=""),
)
# A row waits once, however often it was tried.
Index(
    "uq_rejection_open",
    REJECTION.c.leg_id,
    REJECTION.c.source_id,
    unique=True,
    postgresql_where=text("status = 'open'"),
)

DECISION = Table(
    "decision",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("rejection_id", BigInteger, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("why", Text, nullable=False),
    Index("ix_decision_rejection", "rejection_id"),
)

ROW_EDIT = Table(
    "row_edit",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("leg_id", Integer, ForeignKey("leg.id"), nullable=False),
    Column("source_id", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("changes", JSONB, nullable=False),
    Column("edited_by", Text, nullable=False),
    Column("edited_at", DateTime(timezone=True), nullable=False),
    Column("why", Text, nullable=False),
    Index("ix_row_edit_row", "leg_id", "source_id"),
)

PLAN_ROW = Table(
    "plan_row",
    METADATA,
    Column("run_id", BigInteger, primary_key=True, autoincrement=False),
    Column("leg", Integer, primary_key=True, autoincrement=False),
    Column("address", Text, primary_key=True),
    Column("mark", Text, primary_key=True),
    Column("seen", Text, nullable=False),
)

# Environments with their limits as one user meets them, and who has how many of the places; see store.gates.
GATE = Table(
    "gate",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("places", Integer, nullable=False),
    Column("resume_at", DateTime(timezone=True), nullable=False),
    Column("told_at", DateTime(timezone=True)),
)

GATE_LEASE = Table(
    "gate_lease",
    METADATA,
    Column("gate", Text, ForeignKey("gate.name"), primary_key=True),
    Column("member", Text, primary_key=True),
    Column("number", BigInteger, Identity(), nullable=False),
    Column("places", Integer, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)

ENTITY_FIELDS = Table(
    "entity_fields",
    METADATA,
    Column("connection", Text, primary_key=True),
    Column("entity_set", Text, primary_key=True),
    Column("fields", JSONB, nullable=False),
)
