"""List mail deliveries and retry failed ones."""

from __future__ import annotations

from db.core.keyset import ConnectionPage, PageRequest
from db.mail import deliveries, outbox
from db.mail.deliveries import MailQuery, MailRecord
from domain.access import Permission, require
from domain.errors import InvalidTransition, not_found
from domain.mail import ACCESS_MAILS, ALERTS, MailKind, MailState, visible_kinds
from domain.statuses import EventKind
from resolvers.core.context import Context
from resolvers.core.limits import limit_mails, limit_requests
from resolvers.core.recording import record_change
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.mail.commands import MailQueued, RetryMailDelivery


def mail_query(context: Context) -> MailQuery:
    """Return the query for the mails that the caller may see. Raises Forbidden."""
    return MailQuery(context.scope, visible_kinds(context.actor.role))


async def delivery_page(context: Context, page: PageRequest) -> ConnectionPage[MailRecord]:
    """Return a page of the mails about the organizations in scope, newest first."""
    async with context.database.read() as connection:
        return await deliveries.page(connection, mail_query(context), page)


async def delivery_count(context: Context) -> int:
    """Return the number of mails about the organizations in scope."""
    async with context.database.read() as connection:
        return await deliveries.count(connection, mail_query(context))


async def find_delivery(context: Context, mail_id: int) -> MailRecord | None:
    """Return a mail that the caller may see, or None."""
    async with context.database.read() as connection:
        return (await deliveries.by_ids(connection, [mail_id], mail_query(context))).get(mail_id)


async def retry_mail_delivery(context: Context, command: RetryMailDelivery) -> MailQueued:
    """Queue a failed mail again for the recipients who have not received it."""

    async def change(work: UnitOfWork) -> MailQueued:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        mail_id = command.mail_delivery_id
        query = MailQuery(work.scope, visible_kinds(work.actor.role))
        mail = (await deliveries.by_ids(work.connection, [mail_id], query)).get(mail_id)
        path = ("input", "mailDeliveryId")
        if mail is None:
            raise not_found("mail", path=path)
        if not await outbox.retry(work.connection, mail_id, now=work.now):
            # Read the state again: a worker may have changed it since.
            state = (await deliveries.by_ids(work.connection, [mail_id], query))[mail_id].state
            raise InvalidTransition(
                f"This mail is {state.name}. Only a {MailState.FAILED.name} mail can be sent again.", path=path
            )
        work.queued_mail_ids.append(mail_id)
        if mail.kind is MailKind.MORE_NUMBERS_REQUEST:
            limit_requests(work, mail.recipients[0], path=path)
        elif mail.kind not in ALERTS:
            limit_mails(work, mail.recipients, path=path)
        await record_change(
            work,
            EventKind.MAIL_RETRIED,
            touched=[mail.organization_id],
            # The activity is also for those who may not see mails about access, whose subjects tell of administrators.
            changed={} if mail.kind in ACCESS_MAILS else {"mail": (None, mail.subject)},
        )
        return MailQueued(mail_delivery_id=mail_id)

    return await run_mutation(context, command, change, MailQueued)
