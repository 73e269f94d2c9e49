"""Reports: what their files are called, what their columns are, and cells that no spreadsheet runs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from enum import Enum

from domain.calendar import EARLIEST, LATEST
from domain.errors import InvalidInput
from domain.statuses import NumberStatus


class Report(Enum):
    """The reports; the value begins the name of the file."""

    NUMBER_UTILIZATION = "number-utilization"
    PHONE_NUMBERS = "phone-numbers"
    CONSUMPTION = "consumption"
    JOB = "job"


COLUMNS: dict[Report, tuple[str, ...]] = {
    Report.NUMBER_UTILIZATION: (
        "Organization",
        "Path",
        "Total",
        "In Use",
        "Available",
        "Reserved",
        "Assigned",
        "Registered",
        "Allocated to Sub-Organizations",
        "Percent",
        "Threshold Percent",
    ),
    Report.PHONE_NUMBERS: ("Series", "Number", "Organization", "Status", "Reserved Tag", "Path"),
    Report.CONSUMPTION: (
        "Number",
        "User",
        "Organization",
        "Billable Voice (seconds)",
        "Billable Messages",
        "Billable Data (bytes)",
        "Total Voice (seconds)",
        "Total Messages",
        "Total Data (bytes)",
    ),
    Report.JOB: (
        "Line",
        "Item",
        "Result",
        "Message",
        "Status Before",
        "Status After",
        "Reserved Tag Before",
        "Reserved Tag After",
        "Organization Before",
        "Organization After",
    ),
}
"""The first line of each report."""

STATUSES = tuple(status.name.replace("_", " ").title() for status in NumberStatus)
"""How a status is written in a cell, as the portal words it; `dialtree import numbers` reads it back."""

_FORMULA = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
"""What a spreadsheet takes for the beginning of a formula, in half and in full width."""

_TELEPHONE = re.compile(r"\+[0-9][\w ]*")
"""A number, or a name that begins with one such as `+1 418 Quebec`: a number or a text, never a formula."""

_ESCAPED = re.compile(f"'+[{re.escape(_FORMULA)}]")
"""An apostrophe in front of a formula. One that people typed gets another one, so that reading restores the text."""

_UNSAFE = re.compile(r"[^\w.]+")
_NAME_BYTES = 180
"""How much of an organization's name a file name takes, in UTF-8: the whole of it must fit 255 bytes."""


def escape_formula(text: str) -> str:
    """A text that people typed, as a cell that no spreadsheet runs: what looks like a formula gets an apostrophe."""
    if not text or (text[0] != "'" and text[0] not in _FORMULA):
        return text
    return "'" + text if _ESCAPED.match("'" + text) and not _TELEPHONE.fullmatch(text) else text


def unescape_formula(cell: str) -> str:
    """The text of a cell, without the apostrophe of `escape_formula`."""
    return cell[1:] if _ESCAPED.match(cell) else cell


def quote(text: str) -> str:
    """A text as a cell of a CSV file, in quotes as RFC 4180 has them."""
    return '"' + text.replace('"', '""') + '"'


class TextCells(dict[str, str]):
    """Texts that people typed, as neutral cells in quotes. Names come again and again, so they are remembered."""

    REMEMBERED = 10_000

    def __missing__(self, text: str) -> str:
        if len(self) >= self.REMEMBERED:
            self.clear()
        cell = self[text] = quote(escape_formula(text))
        return cell


def line(cells: Iterable[str]) -> str:
    """A line of a CSV file."""
    return ",".join(cells) + "\r\n"


def filename(report: Report, organization: str, *dates: date) -> str:
    """The name of a report's file: the report, the organization and the date or the period."""
    cut = _UNSAFE.sub("-", organization).encode()[:_NAME_BYTES].decode(errors="ignore")
    name = cut.strip("-.") or "organization"
    return "_".join([report.value, name, *(day.isoformat() for day in dates)]) + ".csv"


def check_period(first: date, last: date) -> None:
    """Raise InvalidInput unless a report can be made of the days from the first to the last, both included."""
    if first > last:
        raise InvalidInput("A period runs from the earlier day to the later one.", path=("to",))
    for name, day in (("from", first), ("to", last)):
        if not EARLIEST.year <= day.year < LATEST.year:
            raise InvalidInput(
                f"Usage is kept from {EARLIEST.year} to {LATEST.year - 1}, not of {day.isoformat()}.", path=(name,)
            )
