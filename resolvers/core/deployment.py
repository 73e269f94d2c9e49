"""What whoever runs the server has settled for the whole deployment, as far as the use cases ask for it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from domain.invitations import INVITATION_DAYS
from mail.links import Links


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """The links of mails and how long invitations last, whom to ask for more numbers, and who delivers mail.

    The supplier is empty where nobody is named.
    """

    links: Links
    invitation_lifetime: timedelta = timedelta(days=INVITATION_DAYS)
    supplier_email: str = ""
    supplier_telephone: str = ""
    mail_posted: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a transaction that posted mail is committed."""

    @property
    def secret(self) -> bytes:
        """What signs the links that callers are handed; all processes of the deployment have the same."""
        return self.links.secret
