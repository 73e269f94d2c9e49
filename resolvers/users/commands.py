"""Commands that change users, and their results."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.errors import LineReport
from domain.invitations import ANY_NUMBER, NumberSource
from resolvers.core.results import MutationResult, UtilizationChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteUser:
    """Create a user in an organization (by default the acting one), with or without sending an invitation."""

    first_name: str
    last_name: str
    email: str
    organization_id: int | None = None
    source: NumberSource = ANY_NUMBER
    send_invitation: bool = True
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteUserRow:
    """One user of an `InviteUsers` command."""

    first_name: str
    last_name: str
    email: str
    source: NumberSource = ANY_NUMBER


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteUsers:
    """Invite many users, given as rows, CSV or an uploaded file; invalid lines refuse the whole list or are skipped."""

    rows: tuple[InviteUserRow, ...] | None = None
    csv: str | None = None
    upload_id: int | None = None
    organization_id: int | None = None
    send_invitation: bool = True
    skip_bad_lines: bool = False
    as_job: bool = False
    dry_run: bool = False
    idempotency_key: str | None = None

    @property
    def path(self) -> tuple[str, ...]:
        """The path of the lines in the input."""
        return "input", "rows" if self.rows is not None else "csv" if self.upload_id is None else "uploadId"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateUser:
    """Change a user's name or email address; None keeps the current value."""

    user_id: int
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendInvitation:
    """Send an invitation for the first time or again, optionally with a different number."""

    user_id: int
    number_id: int | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelInvitation:
    """Cancel an invitation and make its number available."""

    user_id: int
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptInvitation:
    """Accept an invitation by its token, with the chosen number if the invitation has none of its own."""

    token: str
    number_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteUser:
    """Delete a user and release their number, or reserve it with a tag and optionally a forwarding number."""

    user_id: int
    reserves: bool = False
    tag: str | None = None
    forwarding_number: str | None = None
    dry_run: bool = False
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChanged(MutationResult):
    """The user whose name or address was changed."""

    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UserInvited(UtilizationChanged):
    """The user that was created or invited again."""

    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersInvited(UtilizationChanged):
    """How many users were created and how many lines skipped, the first new users, and the invalid lines."""

    invited_count: int
    skipped_count: int
    user_ids: list[int]
    lines: list[LineReport] = field(default_factory=list)

    @property
    def changed_count(self) -> int:
        """What a job counts."""
        return self.invited_count


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationCancelled(UtilizationChanged):
    """The user whose invitation was cancelled, and the number they no longer have."""

    user_id: int
    number_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDeleted(UtilizationChanged):
    """The deleted user, and the organization and number they had."""

    user_id: int
    number_id: int | None
    organization_id: int
