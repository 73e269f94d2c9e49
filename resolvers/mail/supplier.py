"""The supplier's contact, and requests for more numbers by mail."""

from __future__ import annotations

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
from resolvers.core.limits import limit_requests
from resolvers.core.recording import record_change
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.mail.commands import MailQueued, RequestMoreNumbers


class Supplier(NamedTuple):
    """The supplier of a root organization, its customer. Contacts that are not set are empty."""

    customer: str
    email: str
    telephone: str

    @property
    def message(self) -> str:
        """A sentence to show to the user, with the email address and the telephone number."""
        if self.email and self.telephone:
            return f"To request more numbers, send an email to {self.email}. You may also call {self.telephone}."
        if self.email:
            return f"To request more numbers, send an email to {self.email}."
        if self.telephone:
            return f"To request more numbers, call {self.telephone}."
        return "To request more numbers, ask the administrator of this server: no supplier is set."


async def supplier_contact(context: Context) -> Supplier:
    """Return the supplier of the caller's root."""
    return _supplier(await context.loaders.roots.load(context.root_id), context.deployment)


def _supplier(root: OrganizationRecord | None, deployment: Deployment) -> Supplier:
    return Supplier(
        root.name if root else "",
        (root and root.supplier_email) or deployment.supplier_email,
        (root and root.supplier_telephone) or deployment.supplier_telephone,
    )


async def _require_supplier(work: UnitOfWork) -> Supplier:
    """Return the supplier of the caller's root. Raises NotFound if it has no email address."""
    root = await organizations.by_id(work.connection, work.root_id, within=child_path("", work.root_id))
    supplier = _supplier(root, work.context.deployment)
    if not supplier.email:
        raise NotFound(
            "The supplier has no email address. Set one for the server or at the root organization.", path=("input",)
        )
    return supplier


async def request_more_numbers(context: Context, command: RequestMoreNumbers) -> MailQueued:
    """Mail a request for more numbers to the supplier, with Reply-To set to the caller, and record it."""

    async def change(work: UnitOfWork) -> MailQueued:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        organization = await work.organization(command.organization_id, name="organizationId")
        series = None if command.series_id is None else await work.series(command.series_id)
        if command.quantity < 1:
            raise InvalidInput(f"The quantity must be at least 1, not {command.quantity}.", path=("input", "quantity"))
        area = clean_name(command.area, noun="area", path=("input", "area")) if command.area else None
        note = (clean_note(command.note, path=("input", "note")) if command.note else None) or None
        supplier = await _require_supplier(work)
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
        limit_requests(work, supplier.email, path=("input", "organizationId"))
        requested = {"quantity": command.quantity, "series": facts.series, "area": area, "note": note}
        await record_change(
            work,
            EventKind.NUMBERS_REQUESTED,
            touched=[organization.id],
            changed={field: (None, value) for field, value in requested.items() if value is not None},
        )
        return MailQueued(mail_delivery_id=mail_id)

    return await run_mutation(context, command, change, MailQueued)
