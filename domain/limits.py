"""Limits against abuse: every limit with its numbers, and the wording of its refusal.

A window begins with the first use that counts and ends after its length; then counting starts at zero. A limit with two
windows refuses when either is full.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
IPV6_HOST_BITS = 64


class Window(NamedTuple):
    """The maximum of uses during a period."""

    maximum: int
    length: timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit for each subject, such as an email address; `{}` in the message stands for the subject.

    The name is part of the key of the stored counters.
    """

    name: str
    windows: tuple[Window, ...]
    message: str


class Use(NamedTuple):
    """A use of a limit, counted `amount` times for each subject; `within` separates equal subjects, as of two roots."""

    limit: Limit
    subjects: Sequence[str]
    path: tuple[str, ...]
    amount: int = 1
    within: str = ""


_FAILED_WITH_EMAIL = "Too many failed sign-ins with this email address."

SIGN_IN_TO_ACCOUNT = Limit("sign-in to account", (Window(10, QUARTER),), _FAILED_WITH_EMAIL)
"""Failed sign-ins with an email address, from all client addresses that are not known for it."""

SIGN_IN_FROM_KNOWN_ADDRESS = Limit("sign-in from known address", (Window(10, QUARTER),), _FAILED_WITH_EMAIL)
"""Failed sign-ins with an email address from one client address that is known for it."""

SIGN_IN_FROM_ADDRESS = Limit(
    "sign-in from address", (Window(100, QUARTER),), "Too many failed sign-ins from your network address."
)
"""Failed sign-ins from a client address, with any email addresses."""

KNOWN_ADDRESS_LIFETIME = timedelta(days=30)
"""How long after a sign-in its client address is known for the account."""

RESET_TO_RECIPIENT = Limit("password reset to", (Window(5, HOUR), Window(20, DAY)), "Too many password resets.")
RESET_FROM_ADDRESS = Limit("password reset from", (Window(20, HOUR), Window(100, DAY)), "Too many password resets.")

MAIL_TO_RECIPIENT = Limit("mail to", (Window(5, HOUR), Window(20, DAY)), "Too many mails to {}.")
"""Mails to an email address that administrators of one root cause."""

MAIL_OF_ORGANIZATION = Limit(
    "mail of organization", (Window(100_000, HOUR), Window(200_000, DAY)), "Your organization has sent too many mails."
)
"""Mails that the administrators and API keys of an organization cause: one list of the largest size fits."""

REQUEST_OF_ORGANIZATION = Limit(
    "request of organization",
    (Window(5, HOUR), Window(20, DAY)),
    "Your organization has sent too many requests for numbers.",
)
"""Requests for more numbers by the administrators and API keys of an organization."""

REQUEST_TO_SUPPLIER = Limit(
    "request to supplier", (Window(50, HOUR), Window(200, DAY)), "The supplier has received too many requests."
)
"""Requests for more numbers to a supplier, by all organizations of a root."""


def network_of(client_address: str | None) -> str:
    """Return what counts as one client: an IPv4 address, or the /64 network of an IPv6 address.

    Clients without an address, as on a Unix socket, count as one.
    """
    try:
        address = ip_address(client_address or "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> IPV6_HOST_BITS << IPV6_HOST_BITS)}/{IPV6_HOST_BITS}"


def wait_text(wait: timedelta) -> str:
    """Return a period for a message, rounded up to minutes, or to hours if it is longer than an hour."""
    unit, noun = (HOUR, "hour") if wait > HOUR else (timedelta(minutes=1), "minute")
    count = max(1, math.ceil(wait / unit))
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
