"""The mails that a transaction owes about the utilization of organizations: worked out once, at its end."""

from __future__ import annotations

from db.core.database import DatabaseConnection
from db.mail import alert_recipients as alerts
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
    """A letter for each organization whose administrators are to be warned.

    A transaction that has changed no organization's figures asks the database nothing. The counters were written by
    this transaction, which keeps others from changing them until it ends, so before and after are exact.
    """
    changed = deltas.changed()
    if not changed:
        return []
    present = await counters.utilization(connection, list(changed))
    kinds: dict[int, MailKind] = {}
    figures: dict[int, tuple[Counts, int]] = {}
    for organization_id, now in present.items():
        after = Counts(now.available, now.reserved, now.assigned, now.registered, now.allocated)
        figures[organization_id] = after, now.threshold_percent
        kind = alert(
            after.minus(changed[organization_id]),
            after,
            threshold_before=deltas.thresholds.get(organization_id, now.threshold_percent),
            threshold=now.threshold_percent,
            assigned=deltas.assigned[organization_id],
        )
        if kind is not None:
            kinds[organization_id] = kind
    if not kinds:
        return []
    return [
        OutgoingMail(
            _FACTS[kinds[whom.id]](
                organization=whom.name,
                threshold_percent=figures[whom.id][1],
                counts=figures[whom.id][0],
                assigned_count=deltas.assigned[whom.id],
                supplier_email=whom.supplier_email or deployment.supplier_email,
                supplier_telephone=whom.supplier_telephone or deployment.supplier_telephone,
            ),
            whom.recipients,
            whom.id,
        )
        for whom in await alerts.alerted(connection, sorted(kinds))
    ]
