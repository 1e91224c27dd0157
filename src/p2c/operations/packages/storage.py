"""The tables that data management keeps for itself: jobs, staged rows, blobs, version tokens, messages."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
)

_INSTANT = DateTime(timezone=True)


class PackageTables:
    """The tables, declared on the metadata of the service's database so that they are made with the others."""

    def __init__(self, metadata: MetaData) -> None:
        self.job = Table(
            "data_job",
            metadata,
            Column("id", Text, primary_key=True),
            Column("project", Text, nullable=False),
            Column("operation", Text, nullable=False),
            Column("status", Text, nullable=False),
            Column("step", Text, nullable=False),
            Column("company", Text, nullable=False),
            Column("order", Text, nullable=False),
            Column("message", Text, nullable=False),
            Column("package", Uuid, nullable=True),
            Column("created", _INSTANT, nullable=False),
            Column("heartbeat", _INSTANT, nullable=False),
            Column("ended", _INSTANT, nullable=True),
        )
        Index("ix_data_job_step", self.job.c.step)
        self.staged = Table(
            "data_job_staging",
            metadata,
            Column("job", ForeignKey("data_job.id", ondelete="CASCADE"), primary_key=True),
            Column("entity", Text, primary_key=True),
            Column("row", Integer, primary_key=True),
            Column("values", Text, nullable=False),
            Column("stage", Text, nullable=True),
            Column("field", Text, nullable=True),
            Column("message", Text, nullable=True),
        )
        self.blob = Table(
            "data_blob",
            metadata,
            Column("id", Uuid, primary_key=True),
            Column("name", Text, nullable=False),
            Column("secret", LargeBinary, nullable=False),
            Column("size", BigInteger, nullable=True),
            Column("expires", _INSTANT, nullable=False),
        )
        Index("ix_data_blob_expires", self.blob.c.expires)
        self.chunk = Table(
            "data_blob_chunk",
            metadata,
            Column("blob", ForeignKey("data_blob.id", ondelete="CASCADE"), primary_key=True),
            Column("number", Integer, primary_key=True),
            Column("content", LargeBinary, nullable=False),
        )
        self.file = Table(
            "data_job_file",
            metadata,
            Column("job", ForeignKey("data_job.id", ondelete="CASCADE"), primary_key=True),
            Column("entity", Text, primary_key=True),
            Column("kind", Text, primary_key=True),
            Column("blob", Uuid, nullable=False),
        )
        self.token = Table(
            "data_version_token",
            metadata,
            Column("project", Text, primary_key=True),
            Column("entity", Text, primary_key=True),
            Column("company", Text, primary_key=True),
            Column("since", BigInteger, nullable=False),
        )
        self.message = Table(
            "data_message",
            metadata,
            Column("id", Text, primary_key=True),
            Column("activity", Uuid, nullable=False),
            Column("direction", Text, nullable=False),
            Column("state", Text, nullable=False),
            Column("job", Text, nullable=True),
            Column("blob", Uuid, nullable=True),
            Column("receipt", Text, nullable=False),
            Column("created", _INSTANT, nullable=False),
            Column("visible", _INSTANT, nullable=False),
        )
        Index("ix_data_message_queue", self.message.c.activity, self.message.c.direction, self.message.c.visible)
        Index("ix_data_message_job", self.message.c.job)
