"""The one transaction helper: a mutation runs in it whole, or leaves nothing behind.

It takes care of what every mutation shares: the idempotency key, the dry run, the lock on the tree, a caller whose
organization was moved or deleted meanwhile, and another try when the database ended the transaction for the sake of
another one.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Self, TypeVar

import orjson

from db import idempotency, organizations
from db.database import Connection, TransactionAborted, UniqueViolation
from domain.errors import (
    CLASSES,
    Conflict,
    DialtreeError,
    IdempotencyMismatch,
    InvalidInput,
    LineReport,
    Refusal,
    UserErrorCode,
    not_found,
)
from domain.scope import covers
from domain.statuses import NumberAction, NumberStatus
from domain.texts import has_control_characters
from mail import outbox
from resolvers.alerts import alert_letters
from resolvers.context import Context
from resolvers.work import Work

KEPT = timedelta(hours=24)
"""How long an idempotency key answers with the first answer."""

KEY_LENGTH = 255
ATTEMPTS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a mutation did, as ids and counts; objects are read anew, as they stand when the answer is shown."""

    def dump(self) -> str:
        """The answer as JSON."""
        return orjson.dumps(self).decode()

    @classmethod
    def load(cls, stored: dict[str, Any]) -> Self:
        """The answer back from JSON."""
        values = {field.name: stored[field.name] for field in fields(cls)}
        if "lines" in values:
            values["lines"] = [LineReport(**line | {"code": UserErrorCode(line["code"])}) for line in values["lines"]]
        return cls(**values)


A = TypeVar("A", bound=Answer)


class _DryRun(Exception):
    """Carries the answer out of a transaction that is rolled back."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer


async def perform(
    context: Context,
    command: Any,
    change: Callable[[Work], Awaitable[A]],
    answer: type[A],
    *,
    changes_tree: bool = False,
) -> A:
    """Run a mutation in one transaction and return its answer, or the first answer to its idempotency key."""
    key: str | None = getattr(command, "idempotency_key", None)
    dry_run: bool = getattr(command, "dry_run", False)
    if key is not None and (not 0 < len(key) <= KEY_LENGTH or has_control_characters(key)):
        message = f"An idempotency key has 1 to {KEY_LENGTH} characters, and no control characters."
        raise InvalidInput(message, path=("input", "idempotencyKey"))
    known_by = fingerprint(command, acting_id=context.actor.acting.id) if key is not None else ""
    run = _Run(context, None if dry_run else key, known_by)
    for attempt in range(ATTEMPTS):
        try:
            return await run.once(change, answer, changes_tree=changes_tree, dry_run=dry_run)
        except (TransactionAborted, UniqueViolation):
            # Somebody else's transaction came first; the next look sees what it did, and answers accordingly.
            await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - a pause, not a secret
    message = "Others changed the same things at the same moment; try again."
    raise Conflict(message)


@dataclass(frozen=True, slots=True)
class _Run:
    context: Context
    key: str | None
    fingerprint: str

    async def once(
        self,
        change: Callable[[Work], Awaitable[A]],
        answer: type[A],
        *,
        changes_tree: bool,
        dry_run: bool,
    ) -> A:
        now = self.context.clock()
        refused: DialtreeError | None = None
        try:
            async with self.context.database.write() as connection:
                stored = await self._claim(connection, now)
                if stored is not None:
                    return _replay(stored, answer)
                await connection.lock_tree(exclusive=changes_tree)
                work = await self._begin(connection, now)
                result = await change(work)
                if dry_run:
                    raise _DryRun(result)  # noqa: TRY301 - rolls the transaction back
                work.letters.extend(await alert_letters(connection, work.ledger, deployment=self.context.deployment))
                if work.letters:
                    await outbox.post(connection, work.letters, now=now)
                if self.key is not None:
                    body = f'{{"answer":{result.dump()}}}'
                    await idempotency.store(connection, self.context.actor.key, self.key, answer=body)
            if work.letters:
                self.context.deployment.mail_posted.set()
            return result  # noqa: TRY300 - what is excepted is raised by the transaction
        except _DryRun as dry:
            return dry.answer  # type: ignore[no-any-return]
        except _Replayed as replayed:
            raise replayed.refusal from None
        except DialtreeError as error:
            if self.key is None or isinstance(error, IdempotencyMismatch):
                raise
            refused = error
        return await self._refuse(refused, answer, now)

    async def _begin(self, connection: Connection, now: datetime) -> Work:
        """The caller as he stands inside the transaction: his organization may have been moved or deleted."""
        actor = self.context.actor
        paths = await organizations.paths(connection, [actor.acting.id, actor.home.id])
        acting, home = paths.get(actor.acting.id), paths.get(actor.home.id)
        if acting is None or home is None or not covers(home, acting):
            raise not_found("organization", path=())
        return Work(connection, actor, acting, now, self.context)

    async def _claim(self, connection: Connection, now: datetime) -> str | None:
        if self.key is None:
            return None
        stored = await idempotency.claim(
            connection,
            self.context.actor.key,
            self.key,
            fingerprint=self.fingerprint,
            now=now,
            expired=now - KEPT,
        )
        if stored is None:
            return None
        if stored.fingerprint != self.fingerprint:
            message = "This idempotency key was used with another input."
            raise IdempotencyMismatch(message, path=("input", "idempotencyKey"))
        return stored.answer

    async def _refuse(self, refusal: DialtreeError, answer: type[A], now: datetime) -> A:
        """Keep a refusal as the key's first answer; where an equal request was faster, its answer counts."""
        body = orjson.dumps({"refusal": _dump(refusal)}).decode()
        async with self.context.database.write() as connection:
            stored = await self._claim(connection, now)
            if stored is None and self.key is not None:
                await idempotency.store(connection, self.context.actor.key, self.key, answer=body)
        if stored is not None:
            try:
                return _replay(stored, answer)
            except _Replayed as replayed:
                raise replayed.refusal from None
        raise refusal


class _Replayed(Exception):
    """The first answer was a refusal."""

    def __init__(self, refusal: DialtreeError) -> None:
        super().__init__()
        self.refusal = refusal


def _replay(stored: str, answer: type[A]) -> A:
    body = orjson.loads(stored)
    if "refusal" in body:
        raise _Replayed(_load(body["refusal"]))
    return answer.load(body["answer"])


def _dump(error: DialtreeError) -> dict[str, Any]:
    return {
        "code": error.code.value,
        "message": error.message,
        "path": error.path,
        "refusals": [[r.number, int(r.status), [action.value for action in r.allowed]] for r in error.refusals],
        "numbers": error.numbers,
        "number_count": error.number_count,
        "lines": error.lines,
        "also": [_dump(other) for other in error.also],
    }


def _load(stored: dict[str, Any]) -> DialtreeError:
    return CLASSES[UserErrorCode(stored["code"])](
        stored["message"],
        path=tuple(stored["path"]),
        refusals=tuple(
            Refusal(number, NumberStatus(status), tuple(NumberAction(action) for action in allowed))
            for number, status, allowed in stored["refusals"]
        ),
        numbers=tuple(stored["numbers"]),
        number_count=stored["number_count"],
        lines=tuple(LineReport(**line | {"code": UserErrorCode(line["code"])}) for line in stored["lines"]),
        also=tuple(_load(other) for other in stored["also"]),
    )


def fingerprint(command: Any, *, acting_id: int) -> str:
    """What tells one input from another: the kind of command, its values but the key, where it is acted from."""
    values = {field.name: _plain(getattr(command, field.name)) for field in fields(command)}
    del values["idempotency_key"]
    body = orjson.dumps([type(command).__name__, acting_id, values], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(body).hexdigest()


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.name if isinstance(value, Enum) else value
