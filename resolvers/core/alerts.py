"""The alerts that a transaction causes, worked out once at its end."""

from __future__ import annotations

from db.core.database import DatabaseConnection
from db.mail.alert_recipients import AlertRecipients, alert_recipients
from db.utilization import counters
from db.utilization.deltas import UtilizationDeltas
from domain.alerts import alert
from domain.mail import MailKind
from domain.utilization import Counts
from mail.messages import AssignmentAboveThreshold, ThresholdReached
from mail.outbox import OutgoingMail
from resolvers.core.deployment import Deployment

_FACTS = {
    MailKind.THRESHOLD_REACHED: ThresholdReached,
    MailKind.ASSIGNMENT_ABOVE_THRESHOLD: AssignmentAboveThreshold,
}


async def alert_mails(
    connection: DatabaseConnection, deltas: UtilizationDeltas, *, deployment: Deployment
) -> list[OutgoingMail]:
    """A mail for each organization whose administrators must be alerted; no query if no counters changed.

    The transaction has written the counters, so no other can change them until it ends: before and after are exact.
    """
    changed = deltas.changed()
    if not changed:
        return []
    kinds: dict[int, MailKind] = {}
    figures: dict[int, tuple[Counts, int]] = {}
    for organization_id, now in (await counters.utilization(connection, list(changed))).items():
        after = Counts(now.available, now.reserved, now.assigned, now.registered, now.allocated)
        kind = alert(
            after.minus(changed[organization_id]),
            after,
            threshold_before=deltas.thresholds.get(organization_id, now.threshold_percent),
            threshold=now.threshold_percent,
            assigned=deltas.assigned[organization_id],
        )
        if kind is not None:
            kinds[organization_id] = kind
            figures[organization_id] = after, now.threshold_percent
    if not kinds:
        return []

    def mail(to: AlertRecipients) -> OutgoingMail:
        counts, threshold_percent = figures[to.organization_id]
        facts = _FACTS[kinds[to.organization_id]](
            organization=to.name,
            threshold_percent=threshold_percent,
            counts=counts,
            assigned_count=deltas.assigned[to.organization_id],
            supplier_email=to.supplier_email or deployment.supplier_email,
            supplier_telephone=to.supplier_telephone or deployment.supplier_telephone,
        )
        return OutgoingMail(facts, to.recipients, to.organization_id)

    return list(map(mail, await alert_recipients(connection, sorted(kinds))))
