"""The supplier's contact, and requests for more numbers by mail (T6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from db.organizations import queries as organizations
from db.organizations.queries import OrganizationRecord
from domain.access import Permission, require
from domain.errors import InvalidInput, NotFound
from domain.scope import child_path
from domain.statuses import EventKind
from domain.texts import clean_name, clean_note
from mail.messages import MoreNumbersRequest
from mail.outbox import OutgoingMail, enqueue_one
from resolvers.core.context import Context
from resolvers.core.deployment import Deployment
from resolvers.core.recording import record_change
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.mail.deliveries import MailPosted


class Supplier(NamedTuple):
    """Whom a root organization asks for more numbers; an empty text where nobody is named."""

    customer: str
    email: str
    telephone: str

    @property
    def message(self) -> str:
        """The message that a front end shows for requesting more numbers."""
        if self.email and self.telephone:
            return f"To request more numbers, send an email to {self.email}. You may also call {self.telephone}."
        if self.email:
            return f"To request more numbers, send an email to {self.email}."
        if self.telephone:
            return f"To request more numbers, call {self.telephone}."
        return "To request more numbers, ask the administrator of this server: no supplier is set."


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMoreNumbers:
    """Ask the supplier for more numbers for an organization (the acting one unless named)."""

    organization_id: int | None = None
    quantity: int
    series_id: int | None = None
    area: str | None = None
    note: str | None = None
    idempotency_key: str | None = None


async def supplier_contact(context: Context) -> Supplier:
    """Whom to ask for more numbers, the same for every organization in scope."""
    return _supplier(await context.loaders.roots.load(context.root_id), context.deployment)


def _supplier(root: OrganizationRecord | None, deployment: Deployment) -> Supplier:
    return Supplier(
        root.name if root else "",
        (root and root.supplier_email) or deployment.supplier_email,
        (root and root.supplier_telephone) or deployment.supplier_telephone,
    )


async def request_more_numbers(context: Context, command: RequestMoreNumbers) -> MailPosted:
    """Record the request and mail it to the supplier; an answer goes to the administrator who asks."""

    async def change(work: UnitOfWork) -> MailPosted:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        organization = await work.organization(command.organization_id, name="organizationId")
        series = None if command.series_id is None else await work.series(command.series_id)
        if command.quantity < 1:
            raise InvalidInput(f"The quantity is at least 1, not {command.quantity}.", path=("input", "quantity"))
        area = clean_name(command.area, noun="area", path=("input", "area")) if command.area else None
        note = (clean_note(command.note, path=("input", "note")) if command.note else None) or None
        root = await organizations.by_id(work.connection, work.root_id, within=child_path("", work.root_id))
        supplier = _supplier(root, work.context.deployment)
        if not supplier.email:
            raise NotFound(
                "No supplier's mail address is set, neither for the server nor at the root organization.",
                path=("input",),
            )
        facts = MoreNumbersRequest(
            customer=supplier.customer,
            organization=organization.name,
            quantity=command.quantity,
            series=series and series.name,
            area=area,
            note=note,
            requested_by=work.actor.name,
            reply_to=work.actor.email,
        )
        mail_id = await enqueue_one(
            work.connection, OutgoingMail(facts, [supplier.email], organization.id), now=work.now
        )
        work.queued_mail_ids.append(mail_id)
        asked = {"quantity": command.quantity, "series": facts.series, "area": area, "note": note}
        await record_change(
            work,
            EventKind.NUMBERS_REQUESTED,
            touched=[organization.id],
            changed={field: (None, value) for field, value in asked.items() if value is not None},
        )
        return MailPosted(mail_delivery_id=mail_id)

    return await run_mutation(context, command, change, MailPosted)
