"""The alerts that transactions cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from db.core.database import DatabaseConnection
from db.mail.alert_recipients import AlertRecipients, alert_recipients
from db.utilization import queries as utilization
from db.utilization.deltas import UtilizationDeltas
from db.utilization.queries import Counters
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


class _Alert(NamedTuple):
    """What the administrators of an organization are told: the figures right after the change that caused it."""

    organization_id: int
    kind: MailKind
    counts: Counts
    threshold_percent: int
    assigned_count: int


async def alert_mails(
    connection: DatabaseConnection, transactions: Sequence[UtilizationDeltas], *, deployment: Deployment
) -> list[OutgoingMail]:
    """Return the alerts that transactions cause, in their order; no query if none of them changed counters.

    Their changes must be in the counters, which no other transaction can change until this one ends.
    """
    changes = [(deltas, deltas.changed()) for deltas in transactions]
    changed = sorted({organization_id for _, growths in changes for organization_id in growths})
    if not changed:
        return []
    alerts = _alerts(changes, await utilization.folded(connection, changed))
    if not alerts:
        return []
    recipients = {
        to.organization_id: to
        for to in await alert_recipients(connection, sorted({alert.organization_id for alert in alerts}))
    }
    return [
        _mail(alert, recipients[alert.organization_id], deployment)
        for alert in alerts
        if alert.organization_id in recipients
    ]


def _alerts(
    changes: Sequence[tuple[UtilizationDeltas, Mapping[int, Counts]]], now: Mapping[int, Counters]
) -> list[_Alert]:
    """Work out from the present counters what they were before each transaction, and what its alerts are."""
    counts = {
        id_: Counts(of.available, of.reserved, of.assigned, of.registered, of.allocated) for id_, of in now.items()
    }
    thresholds = {id_: of.threshold_percent for id_, of in now.items()}
    for deltas, growths in reversed(changes):
        for id_, growth in growths.items():
            if id_ in counts:
                counts[id_] = counts[id_].minus(growth)
        thresholds |= {id_: before for id_, (before, _) in deltas.thresholds.items()}
    alerts = []
    for deltas, growths in changes:
        for id_, growth in growths.items():
            if id_ not in counts:
                continue
            before, threshold_before = counts[id_], thresholds[id_]
            counts[id_] = before.plus(growth)
            _, thresholds[id_] = deltas.thresholds.get(id_, (None, threshold_before))
            kind = alert(
                before,
                counts[id_],
                threshold_before=threshold_before,
                threshold=thresholds[id_],
                assigned=deltas.assigned[id_],
            )
            if kind is not None:
                alerts.append(_Alert(id_, kind, counts[id_], thresholds[id_], deltas.assigned[id_]))
    return alerts


def _mail(alert: _Alert, to: AlertRecipients, deployment: Deployment) -> OutgoingMail:
    facts = _FACTS[alert.kind](
        organization=to.name,
        threshold_percent=alert.threshold_percent,
        counts=alert.counts,
        assigned_count=alert.assigned_count,
        supplier_email=to.supplier_email or deployment.supplier_email,
        supplier_telephone=to.supplier_telephone or deployment.supplier_telephone,
    )
    # Callers below the recipients' organization must not see who they are.
    return OutgoingMail(facts, to.recipients, to.recipients_at)
