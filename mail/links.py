"""The links in mails: a token is worked out from a seed and a secret, so that no link waits in the outbox."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

PLACEHOLDER = "{token}"
"""Where the token goes in a template of a link."""


def new_seed() -> str:
    """A new seed. It is no secret: only who knows the deployment's secret can make the token out of it."""
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, slots=True)
class Links:
    """Makes tokens and links; the templates hold `{token}`.

    The code that queues a mail with a link makes a seed, stores the digest of its token, and puts the seed into the
    facts of the mail. The link is written when the mail is delivered.
    """

    secret: bytes
    invitation_template: str
    password_template: str

    def token(self, seed: str) -> str:
        """The token of a seed, always the same."""
        mac = hmac.digest(self.secret, b"dialtree link " + seed.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")

    def invitation(self, seed: str) -> str:
        """The page where a user accepts an invitation."""
        return self.invitation_template.replace(PLACEHOLDER, self.token(seed))

    def password(self, seed: str) -> str:
        """The page where an administrator sets a password."""
        return self.password_template.replace(PLACEHOLDER, self.token(seed))
