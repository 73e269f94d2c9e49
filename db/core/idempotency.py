"""The stored answers of mutations with an idempotency key."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Insert, Select, Text, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from db.core.database import DatabaseConnection, TransactionAborted
from db.core.statements import Statement
from db.core.tables import IdempotencyKeyRow, columns, table
from db.core.types import Instant, Ordered

_I = columns(IdempotencyKeyRow)
_OWN = (_I.caller == bindparam("caller", type_=Ordered), _I.key == bindparam("key", type_=Ordered))
_BEFORE = _I.created_at <= bindparam("expired", type_=Instant())
_DELETE_EXPIRED = Statement(delete(table(IdempotencyKeyRow)).where(_BEFORE))
_NEW = insert(table(IdempotencyKeyRow)).values(
    caller=bindparam("caller", type_=Ordered),
    key=bindparam("key", type_=Ordered),
    fingerprint=bindparam("fingerprint", type_=Text()),
    created_at=bindparam("now", type_=Instant()),
)
_CLAIM = Statement(
    _NEW.on_conflict_do_update(
        index_elements=["caller", "key"],
        set_={"fingerprint": _NEW.excluded.fingerprint, "created_at": _NEW.excluded.created_at, "answer": None},
        where=_BEFORE,
    )
)
_ADD = Statement(_NEW.values(answer=bindparam("answer", type_=Text())))
_FIND = Statement(select(_I.fingerprint, _I.answer).where(*_OWN))
_IS_USED = Statement(select(_I.key).where(*_OWN, ~_BEFORE))
_ANSWER = Statement(update(table(IdempotencyKeyRow)).where(*_OWN).values(answer=bindparam("answer", type_=Text())))


class NewKey(NamedTuple):
    """A key that has probably not been used, and the mutation that uses it."""

    caller: str
    key: str
    fingerprint: str


class StoredAnswer(NamedTuple):
    """The fingerprint of the mutation that used a key first, and its answer."""

    fingerprint: str
    answer: str


async def claim(
    connection: DatabaseConnection,
    caller: str,
    key: str,
    *,
    fingerprint: str,
    now: datetime,
    expired: datetime,
) -> StoredAnswer | None:
    """Claim a key for this transaction. Return the stored answer if the key was used before.

    On PostgreSQL the claim waits for a transaction that has claimed the same key: of two concurrent equal requests, one
    runs and the other finds its answer.
    """
    if await connection.execute(_CLAIM, caller=caller, key=key, fingerprint=fingerprint, now=now, expired=expired):
        return None
    row = await connection.fetch_one(_FIND, caller=caller, key=key)
    if row is None:
        raise TransactionAborted("the key expired and was deleted meanwhile")
    return StoredAnswer(*row)


async def add(connection: DatabaseConnection, new_key: NewKey, *, answer: str, now: datetime) -> None:
    """Store the answer of a new key. Raises UniqueViolation if the key was used before, also if it has expired."""
    await connection.execute(_ADD, **new_key._asdict(), answer=answer, now=now)


def adding(answers: Select[Any], *, now: str) -> Insert:
    """As `add`, with the answer in a column, and the time in the parameter that is called `now`."""
    answer = answers.subquery().c[0]
    values = {name: bindparam(name, type_=_I[name].type) for name in NewKey._fields}
    source = select(*values.values(), bindparam(now, type_=Instant()), answer)
    return insert(table(IdempotencyKeyRow)).from_select([*values, "created_at", "answer"], source)


async def is_used(connection: DatabaseConnection, caller: str, key: str, *, expired: datetime) -> bool:
    """Whether a caller has used a key before that has not expired."""
    return await connection.fetch_one(_IS_USED, caller=caller, key=key, expired=expired) is not None


async def store(connection: DatabaseConnection, caller: str, key: str, *, answer: str) -> None:
    """Store the answer of a claimed key."""
    await connection.execute(_ANSWER, caller=caller, key=key, answer=answer)


async def delete_expired(connection: DatabaseConnection, *, expired: datetime) -> None:
    """Delete the answers of expired keys."""
    await connection.execute(_DELETE_EXPIRED, expired=expired)
