"""The mails, pure: facts in, words out. Facts are kept in the outbox as JSON and rendered when the mail is delivered.

Every value is escaped in HTML, and a subject is one line whatever a name holds.
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
from mail.rendering import moment, render_html, render_text


class Message(NamedTuple):
    """A mail in words; each part says all of it."""

    subject: str
    text: str
    html: str
    reply_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a mail is about."""

    kind: ClassVar[MailKind]

    @property
    def subject(self) -> str:
        """Its subject."""
        raise NotImplementedError

    @property
    def reply_address(self) -> str | None:
        """Whom an answer goes to, unless to the sender."""
        return None

    def words(self, links: Links) -> dict[str, object]:
        """What the templates say beside the facts themselves."""
        del links
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation(Facts):
    """A user is invited; without a number, the user picks one when accepting. `seed` makes the link."""

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
        """Its subject."""
        return f"Your invitation from {self.organization}"

    def words(self, links: Links) -> dict[str, object]:
        """The link, the number as people write it, and until when."""
        return {
            "link": links.invitation(self.seed),
            "number": self.number and international_format(self.number),
            "until": moment(self.expires_at, self.time_zone),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministratorInvitation(Facts):
    """A person becomes an administrator and sets a first password by the link."""

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
        """Its subject."""
        return f"You are an administrator of {self.organization} now"

    def words(self, links: Links) -> dict[str, object]:
        """The link, and until when."""
        return {"link": links.password(self.seed), "until": moment(self.expires_at, self.time_zone)}


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordReset(Facts):
    """An administrator forgot the password and sets a new one by the link."""

    kind: ClassVar[MailKind] = MailKind.PASSWORD_RESET
    name: str
    expires_at: datetime
    time_zone: str
    seed: str

    @property
    def subject(self) -> str:
        """Its subject."""
        return "Set a new password"

    def words(self, links: Links) -> dict[str, object]:
        """The link, and until when."""
        return {"link": links.password(self.seed), "until": moment(self.expires_at, self.time_zone)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdReached(Facts):
    """An organization came to or over its threshold; `assigned_count` numbers were assigned by the same operation."""

    kind: ClassVar[MailKind] = MailKind.THRESHOLD_REACHED
    organization: str
    threshold_percent: int
    counts: Counts
    assigned_count: int
    supplier_email: str
    supplier_telephone: str

    @property
    def subject(self) -> str:
        """Its subject."""
        return f"{self.organization}: the utilization threshold of {self.threshold_percent}% has been reached"

    def words(self, links: Links) -> dict[str, object]:
        """The percent, cut to a tenth, so that it is never more than it is."""
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
    """Numbers were assigned while the organization was at or over its threshold already."""

    kind: ClassVar[MailKind] = MailKind.ASSIGNMENT_ABOVE_THRESHOLD

    @property
    def subject(self) -> str:
        """Its subject."""
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
        """Its subject."""
        many = "one more number" if self.quantity == 1 else f"{self.quantity:,} more numbers"
        return f"{self.customer} requests {many}"

    @property
    def reply_address(self) -> str | None:
        """The administrator who asks."""
        return self.reply_to


_OF_KIND: dict[MailKind, type[Facts]] = {
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
    """The facts as JSON."""
    return orjson.dumps(facts).decode()


@cache
def _adapter(kind: MailKind) -> TypeAdapter[Facts]:
    return TypeAdapter(_OF_KIND[kind])


def load(kind: MailKind, stored: str) -> Facts:
    """The facts back from JSON. Raises ValueError for what never was such a mail."""
    return _adapter(kind).validate_json(stored)


def one_line(text: str) -> str:
    """The text without line breaks and other controls: what stands in a header can't begin another one."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def render(facts: Facts, links: Links) -> Message:
    """The mail in words."""
    subject = one_line(facts.subject)
    words = {"facts": facts, "subject": subject, **facts.words(links)}
    name = facts.kind.name.lower()
    return Message(subject, render_text(name, words), render_html(name, words), facts.reply_address)
