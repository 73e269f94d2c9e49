"""The one transaction helper: a mutation runs in it whole, or leaves nothing behind.

It takes care of what every mutation shares: the idempotency key, the dry run, the lock on the tree, a caller whose
organization was moved or deleted meanwhile, and another try when the database ended the transaction for the sake of
another one.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

import orjson

from db.core import idempotency
from db.core.database import DatabaseConnection, TransactionAborted, UniqueViolation
from db.organizations import queries as organizations
from domain.errors import (
    Conflict,
    DialtreeError,
    IdempotencyMismatch,
    InvalidInput,
    LineReport,
    UserErrorCode,
    not_found,
)
from domain.scope import covers, depth
from domain.texts import has_control_characters
from mail import outbox
from resolvers.core.alerts import alert_mails
from resolvers.core.context import Context
from resolvers.core.idempotency import dump_refusal, fingerprint, load_refusal
from resolvers.core.unit_of_work import UnitOfWork

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
T = TypeVar("T")


async def run_unattended(
    context: Context, change: Callable[[DatabaseConnection, datetime], Awaitable[tuple[T, UnitOfWork | None]]]
) -> T:
    """Run a change that no signed-in caller asks for, in one transaction: it tells its answer and its work, if any."""

    async def once() -> T:
        now = context.clock()
        async with context.database.write() as connection:
            await connection.lock_tree(exclusive=False)
            answer, work = await change(connection, now)
            if work is not None:
                await _post_mail(work)
        if work is not None:
            _wake_deliverers(work)
        return answer

    return await retried(once)


async def _post_mail(work: UnitOfWork) -> None:
    """The last step of every change: the mails that it owes, and those about the utilization that it has changed."""
    work.mails.extend(await alert_mails(work.connection, work.deltas, deployment=work.context.deployment))
    if work.mails:
        await outbox.post(work.connection, work.mails, now=work.now)


def _wake_deliverers(work: UnitOfWork) -> None:
    """Tell who delivers that the transaction of a change is committed, if it has posted mail."""
    if work.mails or work.posted:
        work.context.deployment.mail_posted.set()


class _DryRun(Exception):
    """Carries the answer out of a transaction that is rolled back."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer


async def run_mutation(
    context: Context,
    command: Any,
    change: Callable[[UnitOfWork], Awaitable[A]],
    answer: type[A],
    *,
    changes_tree: bool = False,
    alone: Callable[[UnitOfWork], Awaitable[A | None]] | None = None,
) -> A:
    """Run a mutation in one transaction and return its answer, or the first answer to its idempotency key.

    `alone` makes the change by one statement, if it can; it is tried first where nothing goes with the change.
    """
    key: str | None = getattr(command, "idempotency_key", None)
    dry_run: bool = getattr(command, "dry_run", False)
    if key is not None and (not 0 < len(key) <= KEY_LENGTH or has_control_characters(key)):
        message = f"An idempotency key has 1 to {KEY_LENGTH} characters, and no control characters."
        raise InvalidInput(message, path=("input", "idempotencyKey"))
    known_by = fingerprint(command, acting_id=context.actor.acting.id) if key is not None else ""
    run = _Run(context, None if dry_run else key, known_by)
    if alone is not None and key is None and not dry_run:
        done = await run.alone(alone)
        if done is not None:
            return done
    return await retried(lambda: run.once(change, answer, changes_tree=changes_tree, dry_run=dry_run))


async def retried(once: Callable[[], Awaitable[T]]) -> T:
    """What a transaction answers, which is tried again while others are in its way. Raises Conflict in the end."""
    for attempt in range(ATTEMPTS):
        try:
            return await once()
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

    async def alone(self, change: Callable[[UnitOfWork], Awaitable[A | None]]) -> A | None:
        """What the one statement of a change did, if anything; where others were in its way, that is nothing."""
        actor = self.context.actor
        try:
            async with self.context.database.write() as connection:
                return await change(
                    UnitOfWork(connection, actor, actor.acting.path, self.context.clock(), self.context)
                )
        except TransactionAborted:
            return None

    async def once(
        self,
        change: Callable[[UnitOfWork], Awaitable[A]],
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
                work = await self._begin(connection, now, changes_tree=changes_tree)
                result = await change(work)
                if dry_run:
                    raise _DryRun(result)  # noqa: TRY301 - rolls the transaction back
                await _post_mail(work)
                if self.key is not None:
                    body = f'{{"answer":{result.dump()}}}'
                    await idempotency.store(connection, self.context.actor.key, self.key, answer=body)
            _wake_deliverers(work)
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

    async def _begin(self, connection: DatabaseConnection, now: datetime, *, changes_tree: bool) -> UnitOfWork:
        """The caller as he stands inside the transaction: his organization may have been moved or deleted."""
        actor = self.context.actor
        places = {actor.acting.id: actor.acting.path, actor.home.id: actor.home.path}
        # A root is never moved or deleted.
        below = {organization_id: path for organization_id, path in places.items() if depth(path)}
        if not await connection.lock_tree(exclusive=changes_tree, expected_paths=below):
            places = await organizations.paths(connection, sorted(places))
        acting, home = places.get(actor.acting.id), places.get(actor.home.id)
        if acting is None or home is None or not covers(home, acting):
            raise not_found("organization", path=())
        if (home, acting) != (actor.home.path, actor.acting.path):
            self.context.stand(home=home, acting=acting)
        return UnitOfWork(connection, self.context.actor, acting, now, self.context)

    async def _claim(self, connection: DatabaseConnection, now: datetime) -> str | None:
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
        body = orjson.dumps({"refusal": dump_refusal(refusal)}).decode()
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
        raise _Replayed(load_refusal(body["refusal"]))
    return answer.load(body["answer"])
