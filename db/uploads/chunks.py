"""Uploaded files, in chunks, so that neither writing nor reading one takes much memory."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, Integer, LargeBinary, bindparam, delete, exists, func, insert, select, update

from db.core.database import DatabaseConnection
from db.core.statements import Statement
from db.core.tables import JOB_IS_OPEN, JobRow, UploadChunkRow, UploadRow, columns, table
from db.core.types import Identifier, Instant


class UploadRecord(NamedTuple):
    """A file that has arrived completely."""

    id: int
    organization_id: int
    size: int


_U, _C, _J = columns(UploadRow), columns(UploadChunkRow), columns(JobRow)
_ID = bindparam("id", type_=Identifier)
_NOW = bindparam("now", type_=Instant())
_EXPIRES_AT = bindparam("expires_at", type_=Instant())
_INSERT = Statement(
    insert(table(UploadRow))
    .values(
        organization_id=bindparam("organization_id", type_=Identifier),
        created_at=_NOW,
        expires_at=_EXPIRES_AT,
    )
    .returning(_U.id)
)
_INSERT_CHUNK = Statement(
    insert(table(UploadChunkRow)).values(
        upload_id=_ID,
        position=bindparam("position", type_=Integer()),
        data=bindparam("data", type_=LargeBinary()),
    )
)
_COMPLETE = Statement(update(table(UploadRow)).where(_U.id == _ID).values(size=bindparam("size", type_=BigInteger())))
_FIND = Statement(
    select(*(_U[name] for name in UploadRecord._fields)).where(_U.id == _ID, _U.size.is_not(None), _U.expires_at > _NOW)
)
_CHUNK = Statement(select(_C.data).where(_C.upload_id == _ID, _C.position == bindparam("position", type_=Integer())))
_STORED = Statement(
    select(func.count(), func.coalesce(func.sum(_U.size), 0)).where(
        _U.organization_id == bindparam("organization_id", type_=Identifier)
    )
)
_is_used = exists().where(_J.upload_id == _U.id, JOB_IS_OPEN)
_expired = select(_U.id).where(_U.expires_at <= _NOW, ~_is_used)
_DELETE_CHUNKS = Statement(delete(table(UploadChunkRow)).where(_C.upload_id == _ID))
_DELETE = Statement(delete(table(UploadRow)).where(_U.id == _ID))
_EXPIRED = Statement(_expired)


async def insert_upload(
    connection: DatabaseConnection, *, organization_id: int, now: datetime, expires_at: datetime
) -> int:
    """Insert a file that is about to arrive, and return its id."""
    upload_id: int = await connection.value(_INSERT, organization_id=organization_id, now=now, expires_at=expires_at)
    return upload_id


async def insert_chunk(connection: DatabaseConnection, upload_id: int, position: int, data: bytes) -> None:
    """Store a chunk of a file."""
    await connection.execute(_INSERT_CHUNK, id=upload_id, position=position, data=data)


async def complete(connection: DatabaseConnection, upload_id: int, *, size: int) -> bool:
    """Mark a file as complete; return False if it was deleted meanwhile."""
    return await connection.execute(_COMPLETE, id=upload_id, size=size) == 1


async def find(connection: DatabaseConnection, upload_id: int, *, now: datetime) -> UploadRecord | None:
    """A complete file that has not expired."""
    row = await connection.fetch_one(_FIND, id=upload_id, now=now)
    return UploadRecord._make(row) if row else None


async def chunk(connection: DatabaseConnection, upload_id: int, position: int) -> bytes | None:
    """A chunk of a file; None after the last one."""
    row = await connection.fetch_one(_CHUNK, id=upload_id, position=position)
    return row[0] if row else None


async def stored(connection: DatabaseConnection, organization_id: int) -> tuple[int, int]:
    """How many files of an organization are stored, and how many bytes those that are complete have."""
    row = await connection.fetch_one(_STORED, organization_id=organization_id)
    return (row[0], int(row[1])) if row else (0, 0)


async def expired(connection: DatabaseConnection, *, now: datetime) -> list[int]:
    """The files that have expired and that no job is going to read."""
    return [row[0] for row in await connection.fetch(_EXPIRED, now=now)]


async def delete_upload(connection: DatabaseConnection, upload_id: int) -> None:
    """Delete a file."""
    await connection.execute(_DELETE_CHUNKS, id=upload_id)
    await connection.execute(_DELETE, id=upload_id)
