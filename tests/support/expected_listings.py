"""What a list of numbers must show, worked out in plain Python from the facts that a test put in."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

STATUSES = ("AVAILABLE", "RESERVED", "ASSIGNED", "IN_USE")
FIELDS = ("NUMBER", "SERIES", "ORGANIZATION", "STATUS", "RESERVED_TAG", "UPDATED_AT")
DIRECTIONS = ("ASC", "DESC")
HEADER = ("number", "series", "organization", "status", "reserved_tag", "first_name", "last_name", "email")


@dataclass(frozen=True)
class Fact:
    """A number as a test knows it; `organization` is the written path."""

    number: str
    series: str
    organization: str
    status: str = "AVAILABLE"
    tag: str | None = None
    updated_at: datetime | None = None

    @property
    def organization_name(self) -> str:
        return self.organization.rpartition("/")[2]


def folded(text: str) -> str:
    """The form in which texts are compared: normalised and without upper case, accents kept."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def csv_of(facts: Iterable[Fact]) -> str:
    """The facts as a `numbers.csv`; each number that needs a user gets its own."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(HEADER)
    for fact in facts:
        person = ("", "", "")
        if fact.status in {"ASSIGNED", "IN_USE"}:
            person = ("Grace", "Hopper", f"user{fact.number[1:]}@example.com")
        writer.writerow((fact.number, fact.series, fact.organization, fact.status, fact.tag or "", *person))
    return written.getvalue()


def ordered(facts: Iterable[Fact], field: str = "NUMBER", direction: str = "ASC") -> list[str]:
    """The numbers in the order of a column; the number breaks ties in the same direction, blank tags come last."""
    columns: dict[str, Any] = {
        "NUMBER": lambda fact: fact.number,
        "SERIES": lambda fact: folded(fact.series),
        "ORGANIZATION": lambda fact: folded(fact.organization_name),
        "STATUS": lambda fact: STATUSES.index(fact.status),
        "RESERVED_TAG": lambda fact: folded(fact.tag or ""),
        "UPDATED_AT": lambda fact: fact.updated_at,
    }
    column = columns[field]
    rows = sorted(facts, key=lambda fact: (column(fact), fact.number), reverse=direction == "DESC")
    if field == "RESERVED_TAG":
        rows.sort(key=lambda fact: fact.tag is None)
    return [fact.number for fact in rows]


def inside(organization: str, scope: str) -> bool:
    """Whether a written path is the scope's or below it."""
    return organization == scope or organization.startswith(scope + "/")


def matching(facts: Iterable[Fact], asked: dict[str, Any], *, scope: str) -> list[Fact]:
    """The facts inside the scope that fulfil a filter in which series and organizations are named, not identified."""
    return [fact for fact in facts if inside(fact.organization, scope) and _matches(fact, asked, scope)]


def _matches(fact: Fact, asked: dict[str, Any], scope: str) -> bool:
    number, tag = fact.number, None if fact.tag is None else folded(fact.tag)
    checks: dict[str, Any] = {
        "text": lambda text: _holds(number, tag, text),
        "tag": lambda text: tag == folded(text),
        "tagContains": lambda text: tag is not None and folded(text) in tag,
        "numbers": lambda texts: number in {"+" + re.sub(r"\D", "", text) for text in texts},
        "series": lambda names: fact.series in names,
        "organizations": lambda names: _held(fact, names, scope, below=asked.get("includeDescendants", False)),
        "statuses": lambda names: fact.status in names,
        "tagged": lambda wanted: (tag is not None) is wanted,
        "startsWith": lambda text: number.startswith("+" + text.removeprefix("+")),
        "endsWith": number.endswith,
        "from": lambda lowest: number >= lowest,
        "to": lambda highest: number <= highest,
        "updatedSince": lambda moment: fact.updated_at is not None and fact.updated_at >= moment,
    }
    return all(
        checks[name](value) for name, value in asked.items() if name in checks and value is not None and value != []
    )


def _holds(number: str, tag: str | None, text: str) -> bool:
    spaces = " \t\n\v\f\r\x85\xa0\u2028\u2029\u3000"
    text = re.sub("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]", "", text).strip(spaces)
    if folded(text) in number or (tag is not None and folded(text) in tag):
        return True
    bare = re.sub(r"[()\s./-]", "", text)
    return bare != text and re.fullmatch(r"\+?[0-9]+", bare) is not None and bare in number


def _held(fact: Fact, names: Sequence[str], scope: str, *, below: bool) -> bool:
    seen = [name for name in names if inside(name, scope)]
    return any(inside(fact.organization, name) for name in seen) if below else fact.organization in seen
