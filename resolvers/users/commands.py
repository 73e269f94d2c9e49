"""What can be asked of users, and what is answered."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.errors import LineReport
from domain.invitations import ANY_NUMBER, NumberSource
from resolvers.core.results import MutationResult


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteUser:
    """Invite a person into an organization (the acting one unless named), or only save him."""

    first_name: str
    last_name: str
    email: str
    organization_id: int | None = None
    source: NumberSource = ANY_NUMBER
    send_invitation: bool = True
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteUserRow:
    """One of many who are invited."""

    first_name: str
    last_name: str
    email: str
    source: NumberSource = ANY_NUMBER


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteUsers:
    """Invite many persons, by a list or by CSV; lines that are wrong refuse all, or are skipped."""

    rows: tuple[InviteUserRow, ...] | None = None
    csv: str | None = None
    organization_id: int | None = None
    send_invitation: bool = True
    skip_bad_lines: bool = False
    dry_run: bool = False
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateUser:
    """Change name or mail address; None leaves a value as it is."""

    user_id: int
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendInvitation:
    """Send an invitation, the first or once more; with another number where one is named."""

    user_id: int
    number_id: int | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelInvitation:
    """Cancel an invitation; the number becomes available."""

    user_id: int
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptInvitation:
    """Accept an invitation by its token, with the picked number if the invitation comes without one."""

    token: str
    number_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteUser:
    """Delete a user and release his number, or reserve it with a tag and, this once, a forwarding number."""

    user_id: int
    reserves: bool = False
    tag: str | None = None
    forwarding_number: str | None = None
    dry_run: bool = False
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChanged(MutationResult):
    """Which user was created or changed."""

    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersInvited(MutationResult):
    """How many users were created, the first of them, and what was wrong with which line."""

    invited_count: int
    skipped_count: int
    user_ids: list[int]
    organization_ids: list[int]
    lines: list[LineReport] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationCancelled(MutationResult):
    """Whose invitation was cancelled, and the number that he no longer has."""

    user_id: int
    number_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDeleted(MutationResult):
    """Who is gone, from where, and the number that he had."""

    user_id: int
    number_id: int | None
    organization_id: int
