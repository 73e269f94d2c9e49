"""Workers: any number on one database, one delivery per claim, and no mail lost when a worker dies."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

import pytest

import mail.worker
from db.core.database import DatabaseConnection, LockTimeout
from db.core.engines import open_database
from db.core.worker import LEASE
from db.mail import outbox
from domain.errors import Unavailable
from domain.mail import MailState, retry_delay
from mail.transports import DeliveryFailed, MailTransport
from mail.worker import DeliveryOptions, OutboxWorker
from tests.support.inventory import Inventory
from tests.support.mail_delivery import RETRY_SECONDS, SENDER, deliver, request, worker
from tests.support.outbox import mails
from tests.support.sample_mails import LINKS
from tests.support.server import Server
from tests.support.waiting import PATIENCE


class Taking(MailTransport):
    """Accepts every mail after a delay."""

    def __init__(self, seconds: float = 0) -> None:
        self.taken: list[str] = []
        self.took = asyncio.Event()
        self._seconds = seconds

    async def send(self, mail: EmailMessage, *, sender: Address, to: Sequence[Address]) -> None:
        del sender, to
        self.taken.append(str(mail["Message-ID"]))
        self.took.set()
        await asyncio.sleep(self._seconds)


class Holding(Taking):
    """Accepts every mail, and continues when released."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go = asyncio.Event()

    async def send(self, mail: EmailMessage, *, sender: Address, to: Sequence[Address]) -> None:
        await super().send(mail, sender=sender, to=to)
        await self.may_go.wait()


class Refusing(MailTransport):
    """Refuses every mail, temporarily or permanently."""

    def __init__(self, *, permanent: bool = False) -> None:
        self._permanent = permanent

    async def send(self, mail: EmailMessage, *, sender: Address, to: Sequence[Address]) -> None:
        del mail, sender
        raise DeliveryFailed("not now", undelivered=range(len(to)), permanent=self._permanent)


class Dying(MailTransport):
    """Accepts the mail and kills the worker."""

    async def send(self, mail: EmailMessage, *, sender: Address, to: Sequence[Address]) -> None:
        del mail, sender, to
        raise asyncio.CancelledError


def test_concurrent_workers_send_each_mail_once(company: Inventory, server: Server) -> None:
    people = [{"firstName": "Bo", "lastName": "Rask", "email": f"bo{number}@halcyon.example"} for number in range(60)]
    assert company.mutate("inviteUsers", "userErrors { message }", {"rows": people}) == {"userErrors": []}
    transport = Taking(0.002)

    async def race() -> None:
        databases = [await open_database(server.url) for _ in range(4)]
        options = DeliveryOptions(transport=transport, links=LINKS, sender=SENDER, retry_after=timedelta(seconds=1))
        try:
            workers = [OutboxWorker(database, server.clock, options) for database in databases]
            await asyncio.gather(*(each.work_once() for each in workers))
        finally:
            for database in databases:
                await database.close()

    server.run(race())
    # No worker skipped a mail because of another worker's concurrent claim.
    deliver(server, transport)
    assert len(transport.taken) == 60
    assert set(Counter(transport.taken).values()) == {1}
    assert {(mail.state, mail.attempts) for mail in mails(server)} == {(MailState.SENT, 1)}


def test_an_expired_claim_of_a_dead_worker_is_taken_over(company: Inventory, server: Server) -> None:
    request(company)
    with pytest.raises(asyncio.CancelledError):
        deliver(server, Dying())
    (claimed,) = mails(server)
    transport = Taking()
    server.advance(LEASE.total_seconds() - 1)
    deliver(server, transport)
    assert transport.taken == []
    server.advance(1)
    deliver(server, transport)
    assert transport.taken == [f"<{claimed.message_id}>"]
    (sent,) = mails(server)
    assert (sent.state, sent.attempts) == (MailState.SENT, 2)


def test_a_claim_is_renewed_during_the_delivery(
    company: Inventory, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = timedelta(seconds=0.3)
    monkeypatch.setattr("db.core.worker.LEASE", lease)
    request(company)
    slow, other = Holding(), Taking()
    renew, renewed = outbox.LEASES.renew, asyncio.Event()
    ends = [server.clock()]

    async def noted(connection: DatabaseConnection, mail_id: int, attempt: int, *, until: datetime) -> bool:
        holds = await renew(connection, mail_id, attempt, until=until)
        ends.append(until)
        renewed.set()
        return holds

    monkeypatch.setattr(outbox.LEASES, "renew", noted)

    async def race() -> None:
        slowly = asyncio.create_task(worker(server, slow).work_once())
        await slow.took.wait()
        for _ in range(10):
            server.advance(lease.total_seconds() / 2)
            while ends[-1] < server.clock() + lease:
                renewed.clear()
                await renewed.wait()
            await worker(server, other).work_once()
        slow.may_go.set()
        await slowly

    server.run(asyncio.wait_for(race(), PATIENCE))
    assert (len(slow.taken), other.taken) == (1, [])


def test_a_worker_that_lost_its_claim_changes_nothing(company: Inventory, server: Server) -> None:
    request(company)

    async def claim() -> outbox.Claim:
        async with server.database.write() as connection:
            held = await outbox.claim(connection, now=server.clock(), until=server.clock(), message_id="first@test")
            assert held is not None
            return held

    async def settle_late(late: outbox.Claim) -> None:
        async with server.database.write() as connection:
            assert not await outbox.LEASES.renew(connection, late.id, late.attempts, until=server.clock())
            await outbox.mark_delivered(connection, late, now=server.clock())
            await outbox.reschedule(connection, late, outstanding=[], error="late", due_at=server.clock())
            await outbox.mark_failed(connection, late, outstanding=[], error="late")

    late, present = server.run(claim()), server.run(claim())
    assert (late.attempts, present.attempts) == (1, 2)
    assert late.message_id == present.message_id == "first@test"
    before = mails(server)
    server.run(settle_late(late))
    assert mails(server) == before


@pytest.mark.parametrize("error", [LockTimeout("locked"), Unavailable()])
def test_a_mail_is_not_sent_again_because_its_delivery_could_not_be_recorded_at_once(
    company: Inventory, server: Server, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    request(company)
    mark_delivered, failures = outbox.mark_delivered, [error, error]

    async def fail_twice(*arguments: Any, **values: Any) -> None:
        if failures:
            raise failures.pop()
        await mark_delivered(*arguments, **values)

    monkeypatch.setattr(outbox, "mark_delivered", fail_twice)
    transport = Taking()
    deliver(server, transport)
    server.advance(LEASE.total_seconds())
    deliver(server, transport)
    assert (len(transport.taken), [mail.state for mail in mails(server)]) == (1, [MailState.SENT])


def test_a_mail_is_not_sent_again_by_a_process_that_kept_others_from_writing(
    company: Inventory, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite, the first process can neither renew its claim nor record the delivery during a job of the second."""
    if server.database.appends_counters:
        pytest.skip("PostgreSQL has many writers")
    monkeypatch.setattr("db.core.worker.POLL_SECONDS", 0.5)
    request(company)
    first, second = Holding(), Taking()

    async def race() -> None:
        database = await open_database(server.url)
        options = DeliveryOptions(transport=second, links=LINKS, sender=SENDER, retry_after=timedelta(seconds=1))
        other = OutboxWorker(database, server.clock, options)
        try:
            sending = asyncio.create_task(worker(server, first).work_once())
            await first.took.wait()
            async with database.write():
                server.advance(LEASE.total_seconds())
                looking = asyncio.create_task(other.work_once())
                first.may_go.set()
                await asyncio.sleep(1)
            await asyncio.gather(sending, looking)
        finally:
            await database.close()

    server.run(asyncio.wait_for(race(), PATIENCE))
    assert (len(first.taken), second.taken) == (1, [])
    assert [mail.state for mail in mails(server)] == [MailState.SENT]


def test_a_mail_fails_after_five_days_of_retries_with_backoff(company: Inventory, server: Server) -> None:
    request(company)
    pauses = []
    while True:
        deliver(server, Refusing())
        (tried,) = mails(server)
        if tried.state is MailState.FAILED:
            break
        pauses.append(tried.seconds_until_due)
        server.advance(tried.seconds_until_due)
    assert (tried.error, tried.attempts) == ("not now", len(pauses) + 1)
    assert 432_000 <= sum(pauses) <= 432_000 + 4_500
    growing = [seconds for seconds in pauses if seconds < 2_000]
    assert growing == sorted(growing)
    assert max(pauses) <= 4_500


def test_retrying_a_failed_mail_resets_the_backoff(company: Inventory, server: Server) -> None:
    delivery = request(company)["mailDelivery"]["id"]
    server.advance(864_000)
    deliver(server, Refusing(permanent=True))
    company.mutate("retryMailDelivery", "userErrors { message }", {"mailDeliveryId": delivery})
    deliver(server, Refusing())
    (waiting,) = mails(server)
    assert waiting.state is MailState.WAITING
    assert 0.75 * RETRY_SECONDS <= waiting.seconds_until_due <= 1.25 * RETRY_SECONDS


def test_retry_delays_double_with_jitter_up_to_an_hour() -> None:
    base = timedelta(seconds=60)
    waited, pauses = timedelta(), []
    for _ in range(8):
        pauses.append(retry_delay(waited, base=base, jitter=0.5))
        waited += pauses[-1]
    assert [each.total_seconds() for each in pauses] == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert retry_delay(timedelta(), base=base, jitter=0).total_seconds() == 45
    assert retry_delay(timedelta(), base=base, jitter=1).total_seconds() == 75
    assert retry_delay(timedelta(), base=timedelta(hours=2), jitter=0.5) == timedelta(hours=2)


def test_a_mail_that_cannot_be_rendered_fails_without_blocking_the_next(
    company: Inventory, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    request(company)
    monkeypatch.setattr(mail.worker, "render", lambda *_: 1 / 0)
    transport = Taking()
    deliver(server, transport)
    monkeypatch.undo()
    request(company)
    deliver(server, transport)
    assert [(mail.state, mail.error) for mail in mails(server)] == [
        (MailState.FAILED, "cannot render the mail: division by zero"),
        (MailState.SENT, None),
    ]
    assert len(transport.taken) == 1


def test_a_running_worker_is_woken_by_a_commit_and_can_be_stopped(
    company: Inventory, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail.worker, "GRACE_SECONDS", PATIENCE)
    transport = Taking()

    async def follow() -> None:
        following = worker(server, transport)
        following.start()
        token = company.token()
        query = "mutation { requestMoreNumbers(input: {quantity: 2}) { userErrors { message } } }"
        await server.post(query, token=token)
        await transport.took.wait()
        await following.stop()
        await server.post(query, token=token)
        await asyncio.sleep(0)

    server.run(follow())
    assert [mail.state for mail in mails(server)] == [MailState.SENT, MailState.WAITING]
