"""The deliveries of mail: their list, and another try for one that failed."""

from __future__ import annotations

from dataclasses import dataclass

from db.core.keyset import ConnectionPage, PageRequest
from db.mail import deliveries, outbox
from db.mail.deliveries import MailQuery, MailRecord
from domain.access import Permission, require
from domain.errors import InvalidTransition, not_found
from domain.mail import MailState, visible_kinds
from domain.statuses import EventKind
from resolvers.core.context import Context
from resolvers.core.recording import record_change
from resolvers.core.results import MutationResult
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryMailDelivery:
    """Try a failed mail again."""

    mail_delivery_id: int
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPosted(MutationResult):
    """Which mail waits now."""

    mail_delivery_id: int


def visible(context: Context) -> MailQuery:
    """Which mails the caller sees."""
    return MailQuery(context.scope, visible_kinds(context.actor.role))


async def delivery_page(context: Context, page: PageRequest) -> ConnectionPage[MailRecord]:
    """A page of the mails of the organizations in scope, newest first."""
    async with context.database.read() as connection:
        return await deliveries.page(connection, visible(context), page)


async def delivery_count(context: Context) -> int:
    """How many mails those are."""
    async with context.database.read() as connection:
        return await deliveries.count(connection, visible(context))


async def find_delivery(context: Context, mail_id: int) -> MailRecord | None:
    """A mail that the caller sees, or None."""
    async with context.database.read() as connection:
        return (await deliveries.by_ids(connection, [mail_id], visible(context))).get(mail_id)


async def retry_mail_delivery(context: Context, command: RetryMailDelivery) -> MailPosted:
    """Retry a failed mail, for the recipients who have not received it."""

    async def change(work: UnitOfWork) -> MailPosted:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        wanted = command.mail_delivery_id
        seen = MailQuery(work.scope, visible_kinds(work.actor.role))
        mail = (await deliveries.by_ids(work.connection, [wanted], seen)).get(wanted)
        path = ("input", "mailDeliveryId")
        if mail is None:
            raise not_found("mail", path=path)
        if not await outbox.retry(work.connection, wanted, now=work.now):
            # Read again: a worker may have settled it between the two.
            state = (await deliveries.by_ids(work.connection, [wanted], seen))[wanted].state
            raise InvalidTransition(
                f"This mail is {state.name}; only one that is {MailState.FAILED.name} is tried again.", path=path
            )
        work.queued_mail_ids.append(wanted)
        await record_change(
            work,
            EventKind.MAIL_RETRIED,
            touched=[mail.organization_id],
            changed={"mail": (None, mail.subject)},
        )
        return MailPosted(mail_delivery_id=wanted)

    return await run_mutation(context, command, change, MailPosted)
