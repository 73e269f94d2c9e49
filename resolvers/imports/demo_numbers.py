"""A number in the story of the demo, and the changes that happen to it."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from db.history.events import Change, Effect
from db.numbers.assignments import ASSIGNED, FREED
from db.users import changes as user_changes
from db.users.changes import NewInvitation, NewUser
from db.utilization import counters
from domain.emails import mailbox_key
from domain.invitations import INVITATION_DAYS
from domain.statuses import EventKind, NumberStatus
from domain.users import Person
from resolvers.access.sign_in import digest
from resolvers.core.recording import record_change
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.changes import change_number

FORWARDING = "+14185550199"
"""Where the calls of a user who left go."""

StepFunction = Callable[[UnitOfWork], Awaitable[None]]


def invite_without_number(organization_id: int, person: Person) -> StepFunction:
    """Invite a user who picks a number on acceptance."""

    async def step(work: UnitOfWork) -> None:
        await _insert_user(work, organization_id, person)
        added = {"user": (None, person.display_name)}
        await record_change(work, EventKind.USER_ADDED, touched=[organization_id], changed=added)
        await counters.add_pending(work.connection, {organization_id: (1, 1)})

    return step


async def _insert_user(work: UnitOfWork, organization_id: int, person: Person) -> int:
    # Nobody has the link: no mail is sent.
    invitation = NewInvitation(digest(secrets.token_urlsafe()), work.now + timedelta(days=INVITATION_DAYS))
    new = [NewUser(person, invitation)]
    await user_changes.insert_all(work.connection, new, organization_id=organization_id, now=work.now)
    ids = await user_changes.ids_by_email(work.connection, [person.email], organization_id=organization_id)
    return ids[mailbox_key(person.email)]


@dataclass
class StoryNumber:
    """A number with its present holder and user. Each method returns a change that can be made later."""

    id: int
    holder: int
    user: int = 0

    def _change(self, kind: EventKind, effect: Effect, **values: Any) -> StepFunction:
        async def step(work: UnitOfWork) -> None:
            await change_number(work, self.id, organization_id=self.holder, kind=kind, effect=effect, **values)

        return step

    def reserve(self, tag: str) -> StepFunction:
        """Reserve it."""
        return self._change(EventKind.RESERVED, Effect(status=NumberStatus.RESERVED, tag=Change.SET), tag=tag)

    def edit_tag(self, tag: str) -> StepFunction:
        """Change its tag."""
        return self._change(EventKind.TAG_EDITED, Effect(tag=Change.SET), tag=tag)

    def unreserve(self) -> StepFunction:
        """Make it available again."""
        effect = Effect(status=NumberStatus.AVAILABLE, tag=Change.CLEAR, forwarding=Change.CLEAR)
        return self._change(EventKind.UNRESERVED, effect)

    def move(self, target: int, kind: EventKind = EventKind.MOVED) -> StepFunction:
        """Move it, or allocate it, to another organization."""

        async def step(work: UnitOfWork) -> None:
            await self._change(kind, Effect(organization=Change.SET), organization=target)(work)
            self.holder = target

        return step

    def invite(self, person: Person) -> StepFunction:
        """Assign it to a new user."""

        async def step(work: UnitOfWork) -> None:
            self.user = await _insert_user(work, self.holder, person)
            values = {"user_id": self.user, "person": person.display_name}
            await self._change(EventKind.ASSIGNED, ASSIGNED, **values)(work)
            await counters.add_pending(work.connection, {self.holder: (1, 0)})

        return step

    def accept(self) -> StepFunction:
        """Let its user accept the invitation."""

        async def step(work: UnitOfWork) -> None:
            await self._change(EventKind.ACTIVATED, Effect(status=NumberStatus.IN_USE))(work)
            await user_changes.activate(work.connection, self.user, now=work.now)
            await counters.add_pending(work.connection, {self.holder: (-1, 0)})

        return step

    def expire(self) -> StepFunction:
        """Let the invitation expire."""

        async def step(work: UnitOfWork) -> None:
            await self._change(EventKind.INVITATION_EXPIRED, FREED)(work)
            await user_changes.expire(work.connection, [self.user])
            await counters.add_pending(work.connection, {self.holder: (-1, 0)})

        return step

    def cancel(self) -> StepFunction:
        """Cancel the invitation."""

        async def step(work: UnitOfWork) -> None:
            await self._change(EventKind.INVITATION_CANCELLED, FREED)(work)
            await user_changes.cancel(work.connection, self.user)
            await counters.add_pending(work.connection, {self.holder: (-1, 0)})

        return step

    def delete_user(self, tag: str) -> StepFunction:
        """Delete its user, and reserve and forward it."""
        effect = Effect(status=NumberStatus.RESERVED, tag=Change.SET, forwarding=Change.SET, user=Change.CLEAR)

        async def step(work: UnitOfWork) -> None:
            await self._change(EventKind.USER_DELETED, effect, tag=tag, forwarding=FORWARDING)(work)
            await user_changes.delete_one(work.connection, self.user)

        return step
