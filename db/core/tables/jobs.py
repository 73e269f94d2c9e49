"""Jobs, what their servers and callers tell each other while they run, and uploaded files."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, SmallInteger, Text, text
from sqlmodel import Field, SQLModel

from db.core.tables.definitions import NO_ID_REUSE, partial_index
from db.core.types import Identifier, Instant

JOB_IS_OPEN = text("state < 2")
"""`JobState.QUEUED` and `RUNNING` as a literal, because SQLite chooses partial indexes before it binds parameters."""


class JobRow(SQLModel, table=True):
    """A command that a server process runs in the background, for the caller who asked for it.

    `command` is the command as JSON, deleted when the job ends. The server that runs it must finish, or renew its
    claim, before `claimed_until`; `attempts` distinguishes the claims, and `failures` counts those that ended without a
    result. `result` is the result of the mutation, `errors` its refusal, and `outcomes` the lines of its report that
    the history of numbers does not have, all as JSON. No foreign keys: a job outlives its organization and its caller.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        partial_index("ix_jobs_due", "due_at", where=JOB_IS_OPEN.text),
        Index("ix_jobs_root", "root_id", "id"),
        partial_index("ix_jobs_finished", "finished_at", where="finished_at IS NOT NULL"),
        NO_ID_REUSE,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    root_id: int = Field(sa_type=Identifier)
    organization_id: int = Field(sa_type=Identifier)
    kind: int = Field(sa_type=SmallInteger)
    state: int = Field(sa_type=SmallInteger)
    command: str | None = Field(sa_type=Text)
    upload_id: int | None = Field(sa_type=Identifier)
    actor_kind: str = Field(sa_type=Text)
    actor_id: int = Field(sa_type=Identifier)
    attempts: int
    failures: int
    due_at: datetime = Field(sa_type=Instant)
    claimed_until: datetime | None = Field(sa_type=Instant)
    done: int
    total: int | None
    changed_count: int
    operation_id: int | None = Field(sa_type=Identifier)
    result: str | None = Field(sa_type=Text)
    errors: str | None = Field(sa_type=Text)
    outcomes: str | None = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)
    started_at: datetime | None = Field(sa_type=Instant)
    finished_at: datetime | None = Field(sa_type=Instant)


class JobSignalRow(SQLModel, table=True):
    """A sign of life of a running job, its progress, and whether it is to be cancelled, outside of its transaction.

    On SQLite, that transaction keeps all others from writing. There the rows are in a file beside the database, and the
    table in the database stays empty (see `Database.aside`). The moment of creation tells a job from one of the same id
    in a database that was restored.
    """

    __tablename__ = "job_signals"

    job_id: int = Field(primary_key=True, sa_type=Identifier)
    created_at: datetime = Field(primary_key=True, sa_type=Instant)
    attempt: int
    done: int
    total: int | None
    reported_at: datetime | None = Field(sa_type=Instant)
    cancel_requested: bool


class UploadRow(SQLModel, table=True):
    """An uploaded file. `size` is in bytes, and null until the whole file has arrived."""

    __tablename__ = "uploads"
    __table_args__ = (Index("ix_uploads_expires_at", "expires_at"), NO_ID_REUSE)

    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    organization_id: int = Field(sa_type=Identifier)
    size: int | None = Field(sa_type=Identifier)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)


class UploadChunkRow(SQLModel, table=True):
    """A part of an uploaded file; the parts are numbered from 0."""

    __tablename__ = "upload_chunks"

    upload_id: int = Field(primary_key=True, sa_type=Identifier, foreign_key="uploads.id")
    position: int = Field(primary_key=True)
    data: bytes = Field(sa_type=LargeBinary)
