"""Mail addresses: checked, normalised for sending, and compared by mailbox.

What is shown is what was typed. What is sent to, and what is compared, has the domain in ASCII (IDNA 2008).
"""

import re
from functools import lru_cache
from textwrap import shorten

import email_validator

from domain.errors import InvalidInput
from domain.texts import fold, fold_for_lookup, invisible_character, normalize

EMAIL_LENGTH = 254

ENCODED_WORD = "=?"
"""The beginning of an encoded word of a mail header (RFC 2047), which stands for another text."""

# A company may send to its own `.local` and `.test` domains: whether a domain exists is for its mail server to say.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()

_PLAIN = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[A-Za-z]+")
"""Addresses that need no further check, which takes 50 µs."""

_PLAIN_LENGTH = 64
"""In an address of this length, neither part can be too long."""

_REASON_LENGTH = 160
"""Some reasons for a refusal name every character that is wrong."""

_DOMAINS_CACHED = 100_000
"""As many as one list of users can have: they are then read again on the event loop."""


def clean_email(text: str, *, path: tuple[str, ...]) -> str:
    """A mail address as it is shown, trimmed. Raises InvalidInput when it can't be one."""
    email = normalize(text)
    if len(email) <= _PLAIN_LENGTH and _PLAIN.fullmatch(email):
        return email
    shown = repr(email[:60])
    if len(email) > EMAIL_LENGTH:
        raise InvalidInput(f"{shown} is not a mail address. It has more than {EMAIL_LENGTH} characters.", path=path)
    invisible = invisible_character(email)
    if invisible is not None:
        raise InvalidInput(
            f"{shown} is not a mail address. It holds an invisible character (U+{ord(invisible):04X}).", path=path
        )
    if ENCODED_WORD in email:
        raise InvalidInput(f"{shown} is not a mail address. Mail programs decode what begins with `=?`.", path=path)
    try:
        _validate(email)
    except email_validator.EmailNotValidError as error:
        reason = shorten(str(error).rstrip("."), _REASON_LENGTH, placeholder=" …")
        raise InvalidInput(f"{shown} is not a mail address. {reason}.", path=path) from None
    return email


def delivery_address(email: str) -> str:
    """The normal form of an address, which mail is sent to.

    An address that an earlier release accepted and that is not valid is returned as it is: the mail server refuses it.
    """
    try:
        valid = _validate(email)
    except email_validator.EmailNotValidError:
        return email
    return f"{valid.local_part}@{valid.ascii_domain}"


def mailbox_key(text: str) -> str:
    """The form in which addresses of the same mailbox are equal; the folded text of one that is not valid."""
    email = normalize(text)
    local, _, domain = email.rpartition("@")
    ascii_domain = None if domain.isascii() else _ascii_domain(domain)
    return fold_for_lookup(email) if ascii_domain is None else f"{fold(local)}@{ascii_domain}".replace("\0", "\1")


@lru_cache(maxsize=_DOMAINS_CACHED)
def _ascii_domain(domain: str) -> str | None:
    try:
        return _validate(f"a@{domain}").ascii_domain
    except email_validator.EmailNotValidError:
        return None


def _validate(email: str) -> email_validator.ValidatedEmail:
    return email_validator.validate_email(email, check_deliverability=False, globally_deliverable=False)
