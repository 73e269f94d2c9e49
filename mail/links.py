"""The links in mails: a token is derived from a seed and a secret, so that the outbox never stores a link."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

PLACEHOLDER = "{token}"
"""The placeholder for the token in a link template."""


@dataclass(frozen=True, slots=True)
class Links:
    """Derives tokens and builds links; the templates contain `{token}`.

    The code that queues a mail with a link generates a seed, stores the digest of its token, and puts the seed into
    the facts of the mail. The link is built when the mail is delivered.
    """

    secret: bytes
    invitation_template: str
    password_template: str
    older_secrets: tuple[bytes, ...] = ()
    """Secrets that were in use before; mails that were queued with one of them still get their links."""

    def new_seed(self) -> str:
        """Generate a seed. It is not secret: deriving the token also takes the secret, which the seed identifies."""
        return f"{_fingerprint(self.secret)}.{secrets.token_urlsafe(24)}"

    def token(self, seed: str) -> str:
        """Return the token of a seed; the same seed always gives the same token."""
        mac = hmac.digest(self._secret_of(seed), b"dialtree link " + seed.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")

    def invitation(self, seed: str) -> str:
        """Return the link to the page where a user accepts an invitation."""
        return self.invitation_template.replace(PLACEHOLDER, self.token(seed))

    def password(self, seed: str) -> str:
        """Return the link to the page where an administrator sets a password."""
        return self.password_template.replace(PLACEHOLDER, self.token(seed))

    def _secret_of(self, seed: str) -> bytes:
        if not self.older_secrets:
            return self.secret
        fingerprint = seed.partition(".")[0]
        for secret in (self.secret, *self.older_secrets):
            if _fingerprint(secret) == fingerprint:
                return secret
        # Releases without rotation generated seeds without a fingerprint, so their secret is the oldest.
        return self.older_secrets[-1]


def _fingerprint(secret: bytes) -> str:
    return hmac.digest(secret, b"dialtree fingerprint", hashlib.sha256).hex()[:8]
