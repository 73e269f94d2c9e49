"""Usage: what a record can say, the figures of a dashboard and their units, and whom a record belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple

from domain.calendar import EARLIEST, LATEST, Cycle
from domain.errors import InvalidInput
from domain.texts import has_control_characters

RECORD_ID_LENGTH = 128
LARGEST_QUANTITY = 10**12
"""A terabyte, or 30,000 years: sums of such quantities still fit the 63 bits of a database's integers."""

RECORD_LIMIT = 10_000
"""How many records one call takes."""


class UsageKind(IntEnum):
    """What was used; stored, so the values never change. Quantities are seconds, messages and bytes."""

    VOICE = 0
    MESSAGE = 1
    DATA = 2


class Direction(IntEnum):
    """Which way it went; stored, so the values never change."""

    INCOMING = 0
    OUTGOING = 1


class Metric(IntEnum):
    """What is summed up by day; stored, so the values never change. The first three are those of `UsageKind`."""

    VOICE = 0
    MESSAGE = 1
    DATA = 2
    ACTIVATIONS = 3
    """How many users on-boarded."""
    REGISTERED = 4
    """How many numbers came into use, less those that went out of it or to another organization."""


_DISPLAY_UNITS = {UsageKind.VOICE: 60, UsageKind.MESSAGE: 1, UsageKind.DATA: 1_000_000}
"""How much of a stored quantity makes one of what is shown: a minute, a message, a megabyte."""

_NOUNS = {UsageKind.VOICE: "Voice", UsageKind.MESSAGE: "Message", UsageKind.DATA: "Data"}


def display_quantity(kind: UsageKind, quantity: int) -> float:
    """A quantity in the unit that people read: minutes, messages, megabytes of 10^6 bytes."""
    return quantity / _DISPLAY_UNITS[kind]


def heading(kind: UsageKind, cycle: Cycle, *, current: Cycle) -> str:
    """The heading of a cycle's graph, as the portal words it."""
    if cycle == current:
        when = "The Current Cycle"
    elif cycle == current.previous:
        when = "The Past Cycle"
    else:
        when = f"The Cycle of {cycle.first_day:%B %Y}"
    return f"{_NOUNS[kind]} Usage for {when}"


def check_record_id(text: str, *, path: tuple[str, ...]) -> str:
    """The sender's own id of a record. Raises InvalidInput for one that can't be kept."""
    if not 0 < len(text) <= RECORD_ID_LENGTH or has_control_characters(text):
        raise InvalidInput(f"A record id has 1 to {RECORD_ID_LENGTH} characters, and no control characters.", path=path)
    return text


def check_quantity(quantity: int, *, path: tuple[str, ...]) -> int:
    """A quantity in seconds, messages or bytes. Raises InvalidInput outside 0 to 10^12."""
    if not 0 <= quantity <= LARGEST_QUANTITY:
        raise InvalidInput(f"A quantity is a whole number from 0 to {LARGEST_QUANTITY}, not {quantity}.", path=path)
    return quantity


def check_moment(at: datetime, *, path: tuple[str, ...]) -> datetime:
    """When something was used. Raises InvalidInput for a moment outside 2012 to 2099."""
    if not EARLIEST <= at < LATEST:
        raise InvalidInput(
            f"Usage is kept from {EARLIEST.year} to {LATEST.year - 1}, not of {at.isoformat()}.", path=path
        )
    return at


class Holding(NamedTuple):
    """From when on an organization held a number, and who had it. A retired number has no user."""

    since: datetime
    organization_id: int | None
    user_id: int | None


class Owner(NamedTuple):
    """Whom usage belongs to."""

    organization_id: int
    user_id: int | None


def owner_at(history: Sequence[Holding], moment: datetime) -> Owner | None:
    """Who held a number at a moment, by its history, oldest first.

    Before the first known event, the earliest known holder; after it was retired, the last one.
    """
    known = [holding for holding in history if holding.organization_id is not None]
    held = next((holding for holding in reversed(known) if holding.since <= moment), known[0] if known else None)
    return Owner(held.organization_id, held.user_id) if held and held.organization_id is not None else None
