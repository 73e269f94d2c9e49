"""Run a mutation in one transaction, completely or not at all.

This handles what all mutations share: idempotency keys, dry runs, the lock on the tree, callers whose organization was
moved or deleted since authentication, mail and alerts, and retries after a conflict with a concurrent transaction.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import orjson

from db.core import idempotency
from db.core.database import Database, DatabaseConnection, LockTimeout, TransactionAborted, UniqueViolation
from db.core.idempotency import NewKey
from db.organizations import queries as organizations
from domain.errors import Conflict, DialtreeError, IdempotencyMismatch, InvalidInput, not_found
from domain.scope import covers, depth
from domain.texts import has_control_characters
from mail import outbox
from resolvers.core.context import Context
from resolvers.core.counters import settle_counters
from resolvers.core.folding import fold_tree
from resolvers.core.idempotency import dump_refusal, fingerprint_large, load_refusal
from resolvers.core.limits import count
from resolvers.core.results import MutationResult
from resolvers.core.unit_of_work import UnitOfWork

IDEMPOTENCY_KEY_LIFETIME = timedelta(hours=24)
"""How long a mutation with the same key returns the first result."""

IDEMPOTENCY_KEY_LENGTH = 255
MAX_ATTEMPTS = 6

MAX_LOCK_PAUSE_SECONDS = 0.05
"""Maximum pause after a lock timeout, during which the connection is back in the pool."""

R = TypeVar("R", bound=MutationResult)
T = TypeVar("T")


async def run_unattended(
    context: Context,
    change: Callable[[DatabaseConnection, datetime], Awaitable[tuple[T, UnitOfWork | None]]],
    *,
    root_id: int,
) -> T:
    """Run a change without a signed-in caller in one transaction; it returns a result and its unit of work, if any."""

    async def attempt() -> T:
        now = context.clock()
        async with context.write(root_id) as connection:
            await connection.lock_tree([root_id], exclusive=False)
            result, work = await change(connection, now)
            if work is not None:
                await _finish(work)
        if work is not None:
            _wake_workers(work)
        return result

    return await with_retries(attempt)


async def run_mutation(
    context: Context,
    command: Any,
    change: Callable[[UnitOfWork], Awaitable[R]],
    result_type: type[R],
    *,
    changes_tree: bool = False,
    bulk: bool = False,
    alone: Callable[[UnitOfWork], Awaitable[R | None]] | None = None,
) -> R:
    """Run a mutation in one transaction and return its result, or the first result of its idempotency key.

    `changes_tree` locks the root's tree exclusively, so that no other mutation below the root runs meanwhile. `bulk`
    is for work that may take seconds: it uses fewer connections and waits for locks without a timeout.

    `alone` does the usual case of the change in a statement that is a transaction by itself, and returns None, with
    nothing written, in any other case, and while the tree is being changed. With an idempotency key, such a change is
    made as if the key were new, and made again after claiming it if it is not, or if the change is refused.
    """
    actor = context.actor
    key: str | None = getattr(command, "idempotency_key", None)
    dry_run: bool = getattr(command, "dry_run", False)
    check_idempotency_key(key)
    fingerprint = "" if key is None else await fingerprint_large(command, acting_id=actor.acting.id)
    if dry_run or context.job is not None:
        alone = None
    mutation = _Mutation(
        context,
        change,
        result_type,
        changes_tree=changes_tree,
        bulk=bulk or changes_tree,
        alone=alone if context.database.appends_counters else None,
        dry_run=dry_run,
        key=None if dry_run else key,
        new_key=None if alone is None or key is None else NewKey(actor.key, key, fingerprint),
        fingerprint=fingerprint,
    )
    return await with_retries(mutation.attempt)


def check_idempotency_key(key: str | None) -> None:
    """Raise InvalidInput for a text that is no idempotency key."""
    if key is not None and (not 0 < len(key) <= IDEMPOTENCY_KEY_LENGTH or has_control_characters(key)):
        raise InvalidInput(
            f"An idempotency key has 1 to {IDEMPOTENCY_KEY_LENGTH} characters and no control characters.",
            path=("input", "idempotencyKey"),
        )


async def write_with_retries(
    database: Database, work: Callable[[DatabaseConnection], Awaitable[T]], *, root_id: int | None = None
) -> T:
    """Return the result of the work in a transaction, which is retried after conflicts with concurrent ones."""

    async def attempt() -> T:
        async with database.write(root_id) as connection:
            return await work(connection)

    return await with_retries(attempt)


async def with_retries(attempt: Callable[[], Awaitable[T]]) -> T:
    """Retry a transaction after conflicts with concurrent ones. Raises Conflict after the last attempt."""
    failures = 0
    while failures < MAX_ATTEMPTS:
        try:
            return await attempt()
        except LockTimeout:
            # Does not count as a failed attempt: the time limit of the request, if it has one, ends the wait.
            await asyncio.sleep(random.uniform(0, MAX_LOCK_PAUSE_SECONDS))  # noqa: S311 - jitter, not a secret
        except (TransactionAborted, UniqueViolation):
            failures += 1
            # The next attempt sees the changes of the other transaction.
            await asyncio.sleep(random.uniform(0, 0.01 * 2**failures))  # noqa: S311 - jitter, not a secret
    raise Conflict("Other changes to the same objects came in between. Try again.")


async def _finish(work: UnitOfWork) -> None:
    """Settle the counters, queue the mails of a change, and count its uses of limits; the last step."""
    await settle_counters(work)
    if work.mails:
        await outbox.enqueue(work.connection, work.mails, now=work.now)
    await count(work.context, work.connection, work.uses, now=work.now)


def _wake_workers(work: UnitOfWork) -> None:
    """Tell the workers, after the commit, what was changed, and that mail was queued or counters appended to."""
    work.context.deployment.changed.set()
    if work.has_appended:
        work.context.deployment.counters_changed.set()
    if work.mails or work.queued_mail_ids:
        work.context.deployment.mail_queued.set()


def _answer(result: MutationResult) -> str:
    """Return what an idempotency key stores of a result."""
    return f'{{"answer":{result.dump()}}}'


class _DryRun(Exception):
    """Rolls a dry run back, and carries its result."""

    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result


class _StoredRefusal(Exception):
    """The first result of an idempotency key was a refusal."""

    def __init__(self, refusal: DialtreeError) -> None:
        super().__init__()
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class _Mutation(Generic[R]):
    """One mutation, which can be attempted several times."""

    context: Context
    change: Callable[[UnitOfWork], Awaitable[R]]
    result_type: type[R]
    changes_tree: bool
    bulk: bool
    alone: Callable[[UnitOfWork], Awaitable[R | None]] | None
    dry_run: bool
    key: str | None
    new_key: NewKey | None
    """The key, if the change is first made as if nobody had used it."""

    fingerprint: str

    async def attempt(self) -> R:
        now = self.context.clock()
        # With a key, what is refused is tried again after claiming it.
        with contextlib.suppress(*(() if self.new_key is None else (DialtreeError, UniqueViolation))):
            if self.alone is not None:
                done = await self._attempt_alone(self.alone, now)
                if done is not None:
                    return done
            elif self.new_key is not None:
                return await self._attempt_with_new_key(self.new_key, now)
        return await self._attempt_in_transaction(now)

    async def _attempt_with_new_key(self, new_key: NewKey, now: datetime) -> R:
        """Make the change, and store the key with the answer. Raises UniqueViolation if the key is not new."""

        async def run(connection: DatabaseConnection) -> tuple[R, UnitOfWork]:
            work = await self._begin(connection, now)
            result = await self.change(work)
            await _finish(work)
            await idempotency.add(connection, new_key, answer=_answer(result), now=now)
            self.context.commit_sent = True
            return result, work

        result, work = await self.context.database.transact(run, self.context.root_id, bulk=False)
        _wake_workers(work)
        return result

    async def _attempt_in_transaction(self, now: datetime) -> R:
        async def run(connection: DatabaseConnection) -> tuple[R, UnitOfWork]:
            return await self._run(connection, now)

        try:
            if self.context.job is None:
                result, work = await self.context.database.transact(run, self.context.root_id, bulk=self.bulk)
            else:
                async with self.context.database.write_long() as connection:
                    result, work = await run(connection)
            _wake_workers(work)
            return result  # noqa: TRY300 - the exceptions are raised by the transaction
        except _DryRun as dry_run:
            return dry_run.result  # type: ignore[no-any-return]
        except _StoredRefusal as stored_refusal:
            raise stored_refusal.refusal from None
        except DialtreeError as error:
            if self.key is None or not error.is_final:
                raise
            refusal = error
        return await self._refuse(refusal, self.key, now)

    async def _run(self, connection: DatabaseConnection, now: datetime) -> tuple[R, UnitOfWork]:
        """Make the change inside a transaction; a dry run raises its result."""
        work = await self._begin(connection, now)
        stored = await self._claim_key(connection, now)
        if stored is not None:
            return self._load(stored), work
        if self.changes_tree:
            await fold_tree(work)
        job = self.context.job
        if job is not None:
            await job.begin(connection)
        result = await self.change(work)
        if self.dry_run:
            raise _DryRun(result)
        await _finish(work)
        if self.key is not None:
            await self._store(connection, self.key, _answer(result))
        if job is not None:
            await job.succeed(connection, result, now=self.context.clock())
        self.context.commit_sent = True
        return result, work

    async def _begin(self, connection: DatabaseConnection, now: datetime) -> UnitOfWork:
        """Lock the tree, and check the caller's organizations, which may have been moved or deleted meanwhile."""
        actor = self.context.actor
        paths = {actor.acting.id: actor.acting.path, actor.home.id: actor.home.path}
        # A root is never moved or deleted.
        below = {organization_id: path for organization_id, path in paths.items() if depth(path)}
        roots = [self.context.root_id]
        if not await connection.lock_tree(roots, exclusive=self.changes_tree, expected_paths=below):
            paths = await organizations.paths(connection, sorted(paths))
        acting, home = paths.get(actor.acting.id), paths.get(actor.home.id)
        if acting is None or home is None or not covers(home, acting):
            raise not_found("organization", path=())
        if (home, acting) != (actor.home.path, actor.acting.path):
            self.context.update_paths(home=home, acting=acting)
        appends = self.context.database.appends_counters and not self.changes_tree
        return UnitOfWork(
            connection, self.context.actor, acting, now, self.context, dry_run=self.dry_run, appends_counters=appends
        )

    async def _attempt_alone(self, alone: Callable[[UnitOfWork], Awaitable[R | None]], now: datetime) -> R | None:
        actor, earlier = self.context.actor, self.context.commit_sent
        try:
            async with self.context.database.autocommit(self.context.root_id) as connection:
                work = UnitOfWork(
                    connection,
                    actor,
                    actor.acting.path,
                    now,
                    self.context,
                    new_key=self.new_key,
                    appends_counters=True,
                )
                self.context.commit_sent = True
                result = await alone(work)
                self.context.commit_sent = earlier or result is not None
        except (DialtreeError, TransactionAborted, UniqueViolation):
            self.context.commit_sent = earlier
            raise
        _wake_workers(work)
        return result

    # Idempotency

    async def _claim_key(self, connection: DatabaseConnection, now: datetime) -> str | None:
        """Claim the key for this transaction and return its stored result, if it was used before."""
        if self.key is None:
            return None
        stored = await idempotency.claim(
            connection,
            self.context.actor.key,
            self.key,
            fingerprint=self.fingerprint,
            now=now,
            expired=now - IDEMPOTENCY_KEY_LIFETIME,
        )
        if stored is None:
            return None
        if stored.fingerprint != self.fingerprint:
            raise IdempotencyMismatch(
                "This idempotency key was used with a different input.", path=("input", "idempotencyKey")
            )
        return stored.answer

    async def _store(self, connection: DatabaseConnection, key: str, answer: str) -> None:
        await idempotency.store(connection, self.context.actor.key, key, answer=answer)

    def _load(self, stored: str) -> R:
        """Return the stored result. Raises _StoredRefusal for a refusal."""
        body = orjson.loads(stored)
        if "refusal" in body:
            raise _StoredRefusal(load_refusal(body["refusal"]))
        return self.result_type.load(body["answer"])

    async def _refuse(self, refusal: DialtreeError, key: str, now: datetime) -> R:
        """Store a refusal as the first result of the key, or return the result that a concurrent request has stored."""
        async with self.context.write(self.context.root_id) as connection:
            stored = await self._claim_key(connection, now)
            if stored is None:
                await self._store(connection, key, orjson.dumps({"refusal": dump_refusal(refusal)}).decode())
        if stored is None:
            raise refusal
        try:
            return self._load(stored)
        except _StoredRefusal as stored_refusal:
            raise stored_refusal.refusal from None
