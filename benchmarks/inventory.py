"""The inventory that everything is measured on: as many numbers as wanted, the same ones every time.

Organizations stand in five levels, numbers in 40 series, in blocks of a hundred neighbours that have one holder, as
carriers hand them out. 15 % of the numbers carry a reserved tag.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = "MailTransport"
LEVELS = 5
BLOCK = 100
_FIRST_BLOCK, _LAST_BLOCK = 20_000, 99_999
"""The blocks of an area code: five digits after it, none beginning with 0 or 1."""

_AREA_CODES = (
    *(201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228),
    *(229, 231, 234, 239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 276, 281, 301, 302),
)
_STATUSES = (
    *["AVAILABLE"] * 10,
    *["RESERVED"] * 3,
    *["ASSIGNED"] * 2,
    *["IN_USE"] * 5,
)
_WITH_USER = {"ASSIGNED", "IN_USE"}
_TAGS = ("sales", "support", "front desk", "vip", "hold", "field service", "Zürich", "conference")
_FIRST = ("Ada", "Grace", "Alan", "Edsger", "Barbara", "Ken", "Radia", "Donald", "Frances", "Tim")
_LAST = ("Lovelace", "Hopper", "Turing", "Dijkstra", "Liskov", "Thompson", "Perlman", "Knuth", "Allen", "Lee")
_TIME_ZONES = ("UTC", "America/New_York", "Europe/London", "Asia/Kolkata")


@dataclass(frozen=True, slots=True)
class Size:
    """The size of an inventory."""

    numbers: int
    organizations: int = 2_000

    @property
    def name(self) -> str:
        """A name for databases and files of this size."""
        return f"{self.numbers}_numbers_{self.organizations}_organizations"


def organization_paths(count: int) -> list[str]:
    """The paths of a tree of organizations on at most five levels; parents come first."""
    fan = 1
    while sum(fan**level for level in range(LEVELS)) < count:
        fan += 1
    paths = [ROOT]
    for position in range(1, count):
        paths.append(f"{paths[(position - 1) // fan]}/Unit {position:05}")
    return paths


def write_organizations(path: Path, size: Size) -> None:
    """Write `organizations.csv`."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "time_zone", "threshold"))
        for position, organization in enumerate(organization_paths(size.organizations)):
            writer.writerow((organization, _TIME_ZONES[position % len(_TIME_ZONES)], 80))


def write_numbers(path: Path, size: Size) -> None:
    """Write `numbers.csv`."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ("number", "series", "organization", "status", "reserved_tag", "first_name", "last_name", "email")
        )
        writer.writerows(_numbers(size))


def _numbers(size: Size) -> Iterator[tuple[str, ...]]:
    dice = random.Random(1)  # noqa: S311 - made-up data, no secrets
    holders = organization_paths(size.organizations)
    written = 0
    for area_code, block in _blocks(dice, -(-size.numbers // BLOCK)):
        # The root keeps a tenth of the numbers for itself.
        holder = holders[0] if dice.random() < 0.1 else dice.choice(holders)  # noqa: PLR2004 - a tenth
        for last in range(min(BLOCK, size.numbers - written)):
            status = dice.choice(_STATUSES)
            tag = f"{dice.choice(_TAGS)} {dice.randrange(10_000)}" if status == "RESERVED" else ""
            user = ("", "", "")
            if status in _WITH_USER:
                user = (dice.choice(_FIRST), dice.choice(_LAST), f"user{written}@carrier.example")
            yield f"+1{area_code}{block}{last:02}", f"+1 {area_code}", holder, status, tag, *user
            written += 1


def _blocks(dice: random.Random, count: int) -> list[tuple[int, int]]:
    """Blocks spread evenly over the area codes, shuffled because real inventories grow over years."""
    codes = len(_AREA_CODES)
    blocks = []
    for position, area_code in enumerate(_AREA_CODES):
        share = count // codes + (position < count % codes)
        blocks += [(area_code, block) for block in dice.sample(range(_FIRST_BLOCK, _LAST_BLOCK + 1), share)]
    dice.shuffle(blocks)
    return blocks
