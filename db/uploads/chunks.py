"""Uploaded files, in chunks, so that neither writing nor reading one takes much memory."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Integer, LargeBinary, bindparam, delete, exists, func, insert, select, update

from db.core.database import DatabaseConnection
from db.core.statements import Statement
from db.core.tables import JOB_IS_OPEN, JobRow, UploadChunkRow, UploadRow, columns, table
from db.core.types import Identifier, Instant

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
_SENDER = Statement(select(_U.organization_id).where(_U.id == _ID, _U.size.is_not(None), _U.expires_at > _NOW))
_CHUNK = Statement(select(_C.data).where(_C.upload_id == _ID, _C.position == bindparam("position", type_=Integer())))
_COUNT_STORED = Statement(
    select(func.count())
    .select_from(table(UploadRow))
    .where(_U.organization_id == bindparam("organization_id", type_=Identifier))
)
_is_used = exists().where(_J.upload_id == _U.id, JOB_IS_OPEN)
_EXPIRED = Statement(select(_U.id).where(_U.expires_at <= _NOW, ~_is_used))
_DELETE_CHUNKS = Statement(delete(table(UploadChunkRow)).where(_C.upload_id == _ID))
_DELETE = Statement(delete(table(UploadRow)).where(_U.id == _ID))


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


async def sender(connection: DatabaseConnection, upload_id: int, *, now: datetime) -> int | None:
    """The organization that sent a file; None unless the file is complete and has not expired."""
    row = await connection.fetch_one(_SENDER, id=upload_id, now=now)
    return row[0] if row else None


async def chunk(connection: DatabaseConnection, upload_id: int, position: int) -> bytes | None:
    """A chunk of a file; None after the last one."""
    row = await connection.fetch_one(_CHUNK, id=upload_id, position=position)
    return row[0] if row else None


async def count_stored(connection: DatabaseConnection, *, organization_id: int) -> int:
    """The number of files of an organization."""
    found: int = await connection.value(_COUNT_STORED, organization_id=organization_id)
    return found


async def expired(connection: DatabaseConnection, *, now: datetime) -> list[int]:
    """The files that have expired and that no job is going to read."""
    return [row[0] for row in await connection.fetch(_EXPIRED, now=now)]


async def delete_upload(connection: DatabaseConnection, upload_id: int) -> None:
    """Delete a file."""
    await connection.execute(_DELETE_CHUNKS, id=upload_id)
    await connection.execute(_DELETE, id=upload_id)
