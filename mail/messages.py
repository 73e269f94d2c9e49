"""The mails, as pure functions of facts. The outbox stores facts as JSON; they are rendered when the mail is delivered.

Every value is escaped in HTML, and a subject is always one line, even if a name contains line breaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import ClassVar, NamedTuple

import orjson
from pydantic import TypeAdapter

from domain.mail import MailKind
from domain.numbers import international_format
from domain.utilization import Counts
from mail.links import Links
from mail.rendering import format_time, render_html, render_text


class Message(NamedTuple):
    """A rendered mail; the text and HTML parts have the same content."""

    subject: str
    text: str
    html: str
    reply_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The facts that a mail reports."""

    kind: ClassVar[MailKind]

    @property
    def subject(self) -> str:
        """The subject of the mail."""
        raise NotImplementedError

    @property
    def reply_address(self) -> str | None:
        """The Reply-To address; None for the sender's."""
        return None

    def template_values(self, links: Links) -> dict[str, object]:
        """Return the values for the templates besides the facts themselves."""
        del links
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation(Facts):
    """A user is invited; without a number, the user picks one when accepting. The link is derived from `seed`."""

    kind: ClassVar[MailKind] = MailKind.INVITATION
    first_name: str
    last_name: str
    organization: str
    number: str | None
    expires_at: datetime
    time_zone: str
    seed: str

    @property
    def subject(self) -> str:
        """The subject of the mail."""
        return f"Your invitation from {self.organization}"

    def template_values(self, links: Links) -> dict[str, object]:
        """Return the link, the number in international format, and the expiry."""
        return {
            "link": links.invitation(self.seed),
            "number": self.number and international_format(self.number),
            "until": format_time(self.expires_at, self.time_zone),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministratorInvitation(Facts):
    """A person is invited as an administrator and sets a first password through the link."""

    kind: ClassVar[MailKind] = MailKind.ADMINISTRATOR_INVITATION
    name: str
    organization: str
    role: str
    invited_by: str
    expires_at: datetime
    time_zone: str
    seed: str

    @property
    def subject(self) -> str:
        """The subject of the mail."""
        return f"You are an administrator of {self.organization} now"

    def template_values(self, links: Links) -> dict[str, object]:
        """Return the link and its expiry."""
        return {"link": links.password(self.seed), "until": format_time(self.expires_at, self.time_zone)}


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordReset(Facts):
    """An administrator forgot the password and sets a new one through the link."""

    kind: ClassVar[MailKind] = MailKind.PASSWORD_RESET
    name: str
    expires_at: datetime
    time_zone: str
    seed: str

    @property
    def subject(self) -> str:
        """The subject of the mail."""
        return "Set a new password"

    def template_values(self, links: Links) -> dict[str, object]:
        """Return the link and its expiry."""
        return {"link": links.password(self.seed), "until": format_time(self.expires_at, self.time_zone)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdReached(Facts):
    """An organization reached its threshold; the same operation assigned `assigned_count` numbers."""

    kind: ClassVar[MailKind] = MailKind.THRESHOLD_REACHED
    organization: str
    threshold_percent: int
    counts: Counts
    assigned_count: int
    supplier_email: str
    supplier_telephone: str

    @property
    def subject(self) -> str:
        """The subject of the mail."""
        return f"{self.organization}: the utilization threshold of {self.threshold_percent}% has been reached"

    def template_values(self, links: Links) -> dict[str, object]:
        """Return the counts and the percentage, rounded down to a tenth so that it is never overstated."""
        del links
        tenths = 1000 * self.counts.in_use // self.counts.total if self.counts.total else 0
        whole, tenth = divmod(tenths, 10)
        return {
            "percent": f"{whole}.{tenth}" if tenth else str(whole),
            "bar": max(1, min(100, whole)),
            "counts": [
                ("Available", self.counts.available),
                ("Reserved", self.counts.reserved),
                ("Assigned", self.counts.assigned),
                ("Registered", self.counts.registered),
                ("Allocated to Sub-Organizations", self.counts.allocated),
            ],
            "total": self.counts.total,
            "in_use": self.counts.in_use,
            "left": self.counts.available,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentAboveThreshold(ThresholdReached):
    """Numbers were assigned while the organization was already at or above its threshold."""

    kind: ClassVar[MailKind] = MailKind.ASSIGNMENT_ABOVE_THRESHOLD

    @property
    def subject(self) -> str:
        """The subject of the mail."""
        many = "a number was" if self.assigned_count == 1 else f"{self.assigned_count:,} numbers were"
        return f"{self.organization}: {many} assigned above the threshold of {self.threshold_percent}%"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreNumbersRequest(Facts):
    """An organization asks its supplier for more numbers; `customer` is the root organization's name."""

    kind: ClassVar[MailKind] = MailKind.MORE_NUMBERS_REQUEST
    customer: str
    organization: str
    quantity: int
    series: str | None
    area: str | None
    note: str | None
    requested_by: str
    reply_to: str | None

    @property
    def subject(self) -> str:
        """The subject of the mail."""
        many = "one more number" if self.quantity == 1 else f"{self.quantity:,} more numbers"
        return f"{self.customer} requests {many}"

    @property
    def reply_address(self) -> str | None:
        """The administrator who made the request."""
        return self.reply_to


_FACTS_BY_KIND: dict[MailKind, type[Facts]] = {
    facts.kind: facts
    for facts in (
        Invitation,
        AdministratorInvitation,
        PasswordReset,
        ThresholdReached,
        AssignmentAboveThreshold,
        MoreNumbersRequest,
    )
}


def dump(facts: Facts) -> str:
    """Serialize facts to JSON."""
    return orjson.dumps(facts).decode()


@cache
def _adapter(kind: MailKind) -> TypeAdapter[Facts]:
    return TypeAdapter(_FACTS_BY_KIND[kind])


def load(kind: MailKind, stored: str) -> Facts:
    """Deserialize facts from JSON. Raises ValueError if they are not those of such a mail."""
    return _adapter(kind).validate_json(stored)


def one_line(text: str) -> str:
    """Return the text without line breaks and other control characters, which could inject another header."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def render(facts: Facts, links: Links) -> Message:
    """Render the mail."""
    subject = one_line(facts.subject)
    values = {"facts": facts, "subject": subject, **facts.template_values(links)}
    name = facts.kind.name.lower()
    return Message(subject, render_text(name, values), render_html(name, values), facts.reply_address)
