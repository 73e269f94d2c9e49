"""Receive files for jobs, and read them again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from db.core.cancellation import finish
from db.core.database import Database, DatabaseConnection, TransactionAborted
from db.uploads import chunks
from domain.access import Permission, require
from domain.errors import Conflict, LimitExceeded, RequestFailed, TimeLimitExceeded, not_found
from resolvers.core.context import Context
from resolvers.core.transactions import write_with_retries
from resolvers.core.unit_of_work import UnitOfWork

T = TypeVar("T")

CHUNK_BYTES = 256 * 1024
LIFETIME = timedelta(hours=24)
"""How long a file can be used. A job that is waiting keeps it for longer."""

DELETE_SECONDS = 2
"""How long a client whose file was not stored waits until what has arrived of it is deleted."""

MAX_FILES = 100
"""How many files of an organization are stored at a time."""


class Upload(NamedTuple):
    """A file that was stored."""

    id: int
    size: int
    expires_at: datetime


async def receive_upload(context: Context, parts: AsyncIterator[bytes], *, seconds: float) -> Upload:
    """Store a file that arrives in parts.

    Each chunk is a transaction of its own, so that a slow client keeps nobody waiting. What has arrived is deleted if
    the parts raise an error. Raises Forbidden, LimitExceeded for too many files, Conflict, and TimeLimitExceeded for a
    transaction that takes longer than some seconds.
    """
    actor, now = context.actor, context.clock()
    require(actor.role, Permission.CHANGE_NUMBERS)
    expires_at = now + LIFETIME
    write = partial(_write, context, seconds)

    async def begin(connection: DatabaseConnection) -> int:
        stored = await chunks.count_stored(connection, organization_id=actor.acting.id)
        if stored >= MAX_FILES:
            raise LimitExceeded(f"Your organization has {stored} uploaded files. Try again when some have expired.")
        return await chunks.insert_upload(connection, organization_id=actor.acting.id, now=now, expires_at=expires_at)

    upload_id: int = await write(begin)
    try:
        size = await _store(write, upload_id, parts)
    except BaseException:
        await finish(_try_to_delete(context, upload_id))
        raise
    return Upload(upload_id, size, expires_at)


async def _write(context: Context, seconds: float, work: Callable[[DatabaseConnection], Awaitable[T]]) -> T:
    try:
        async with asyncio.timeout(seconds):
            return await write_with_retries(context.database, work, root_id=context.root_id)
    except TimeoutError as error:
        raise TimeLimitExceeded(
            f"Other changes kept the file from being stored for {seconds:g} seconds. Send it again later."
        ) from error


async def _store(write: Callable[..., Awaitable[Any]], upload_id: int, parts: AsyncIterator[bytes]) -> int:
    """Store the chunks of a file and return its size. Raises Conflict if the file expired meanwhile."""
    size = position = 0
    async with aclosing(_whole_chunks(parts)) as pieces:
        async for piece in pieces:
            insert = partial(chunks.insert_chunk, upload_id=upload_id, position=position, data=piece)
            await write(insert)
            size, position = size + len(piece), position + 1
    if not await write(partial(chunks.complete, upload_id=upload_id, size=size)):
        raise Conflict("The file expired before all of it had arrived. Send it again.")
    return size


async def _whole_chunks(parts: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Join the parts to chunks of `CHUNK_BYTES`; the last one may be shorter."""
    waiting = bytearray()
    async for part in parts:
        waiting += part
        while len(waiting) >= CHUNK_BYTES:
            yield bytes(waiting[:CHUNK_BYTES])
            del waiting[:CHUNK_BYTES]
    if waiting:
        yield bytes(waiting)


async def _try_to_delete(context: Context, upload_id: int) -> None:
    """Delete a file that has not arrived; what keeps others from writing may keep it until it expires."""
    with contextlib.suppress(TimeoutError, TransactionAborted, RequestFailed):
        async with asyncio.timeout(DELETE_SECONDS):
            await _delete(context.database, upload_id)


async def _delete(database: Database, upload_id: int) -> None:
    async with database.write() as connection:
        await chunks.delete_upload(connection, upload_id)


async def require_upload(work: UnitOfWork, upload_id: int, *, path: tuple[str, ...]) -> None:
    """Raise NotFound unless the file was sent from an organization in scope and has not expired."""
    organization_id = await chunks.sender(work.connection, upload_id, now=work.now)
    if organization_id is None or not list(await work.organizations([organization_id])):
        raise not_found("upload", path=path)


async def copy_upload(database: Database, upload_id: int, target: Path) -> None:
    """Write a file to disk. Raises Conflict if it is gone."""
    # One snapshot: a file that is deleted meanwhile is not cut off.
    with target.open("wb") as file:
        async with database.snapshot() as connection:
            position = 0
            while (data := await chunks.chunk(connection, upload_id, position)) is not None:
                await asyncio.to_thread(file.write, data)
                position += 1
    if not position:
        raise Conflict("The uploaded file was deleted. Send it again.", path=("input", "uploadId"))


async def delete_expired_uploads(context: Context) -> None:
    """Delete the files that have expired, one at a time."""
    async with context.database.read() as connection:
        expired = await chunks.expired(connection, now=context.clock())
    for upload_id in expired:
        await _delete(context.database, upload_id)
