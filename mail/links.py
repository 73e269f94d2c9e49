"""The links in mails: a token is derived from a seed and a secret, so that the outbox never stores a link."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

PLACEHOLDER = "{token}"
"""The placeholder for the token in a link template."""


def new_seed() -> str:
    """Generate a seed. It is not secret: deriving the token also takes the deployment's secret."""
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, slots=True)
class Links:
    """Derives tokens and builds links; the templates contain `{token}`.

    The code that queues a mail with a link generates a seed, stores the digest of its token, and puts the seed into
    the facts of the mail. The link is built when the mail is delivered.
    """

    secret: bytes
    invitation_template: str
    password_template: str

    def token(self, seed: str) -> str:
        """Return the token of a seed; the same seed always gives the same token."""
        mac = hmac.digest(self.secret, b"dialtree link " + seed.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")

    def invitation(self, seed: str) -> str:
        """Return the link to the page where a user accepts an invitation."""
        return self.invitation_template.replace(PLACEHOLDER, self.token(seed))

    def password(self, seed: str) -> str:
        """Return the link to the page where an administrator sets a password."""
        return self.password_template.replace(PLACEHOLDER, self.token(seed))
