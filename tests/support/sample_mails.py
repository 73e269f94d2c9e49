"""One mail of each kind, and those that are hard to set: long words, markup, big figures."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.utilization import Counts
from mail.links import Links
from mail.messages import (
    AdministratorInvitation,
    AssignmentAboveThreshold,
    Facts,
    Invitation,
    MoreNumbersRequest,
    PasswordReset,
    ThresholdReached,
)

LINKS = Links(
    b"0" * 32, "https://phones.halcyon.example/invitation?token={token}", "https://phones.halcyon.example/p/{token}"
)
UNTIL = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)
MARKUP = "<b>\"Sales\" & 'Service'</b><script>alert(1)</script>"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"

INVITATION = Invitation(
    first_name="Ada",
    last_name="Lovelace",
    organization="Halcyon Sales",
    number="+14188984760",
    expires_at=UNTIL,
    time_zone="America/New_York",
    seed="seed",
)
THRESHOLD_REACHED = ThresholdReached(
    organization="Halcyon Sales",
    threshold_percent=80,
    counts=Counts(available=16, reserved=10, assigned=34, registered=30, allocated=10),
    assigned_count=0,
    supplier_email="numbers@carrier.example",
    supplier_telephone="+1 800 555 0100",
)

SAMPLES: dict[str, Facts] = {
    "invitation": INVITATION,
    "invitation-without-number": Invitation(
        first_name="Zoë",
        last_name=LONG,
        organization=LONG,
        number=None,
        expires_at=UNTIL,
        time_zone="UTC",
        seed="seed",
    ),
    "administrator-invitation": AdministratorInvitation(
        name="Grace Hopper",
        organization="Halcyon Group",
        role="OWNER",
        invited_by="Ken Thompson",
        expires_at=UNTIL,
        time_zone="Europe/London",
        seed="seed",
    ),
    "password-reset": PasswordReset(name="Grace Hopper", expires_at=UNTIL, time_zone="UTC", seed="seed"),
    "threshold-reached": THRESHOLD_REACHED,
    "threshold-reached-by-the-last": ThresholdReached(
        organization=MARKUP,
        threshold_percent=100,
        counts=Counts(available=0, reserved=0, assigned=1, registered=0, allocated=0),
        assigned_count=1,
        supplier_email="",
        supplier_telephone="",
    ),
    "assignment-above-threshold": AssignmentAboveThreshold(
        organization="Halcyon Field Service Montreal",
        threshold_percent=80,
        counts=Counts(available=1_234, reserved=1_000_000, assigned=1_034, registered=30_000, allocated=10),
        assigned_count=1_000,
        supplier_email="numbers@carrier.example",
        supplier_telephone="",
    ),
    "more-numbers-request": MoreNumbersRequest(
        customer="Halcyon Group",
        organization="Halcyon Sales",
        quantity=1_200,
        series="+1 418 Quebec",
        area="Quebec City",
        note=f"Please before Friday.\n\n{MARKUP}",
        requested_by="Grace Hopper",
        reply_to="grace@halcyon.example",
    ),
}
