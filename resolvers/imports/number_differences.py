"""Compare a line of a file of numbers with the inventory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from db.numbers.additions import RecordedNumber
from domain.emails import mailbox_key
from domain.errors import AlreadyExists
from domain.texts import fold
from resolvers.imports.number_lines import NumberLine
from resolvers.imports.organization_names import OrganizationNames


class _Difference(NamedTuple):
    """A value that the inventory and the file have different, and its column."""

    column: str
    recorded: str
    written: str


def refuse_different(line: NumberLine, recorded: RecordedNumber, names: OrganizationNames) -> None:
    """Raise AlreadyExists, which says what differs, unless the line says of a number what the inventory has."""
    differences = list(_differences(line, recorded, names))
    if differences:
        told = "; ".join(
            f"{column} is {known or 'none'} there and {written or 'none'} here"
            for column, known, written in differences
        )
        raise AlreadyExists(f"{recorded.number} already exists and differs: {told}.", path=(differences[0].column,))


def _differences(line: NumberLine, recorded: RecordedNumber, names: OrganizationNames) -> Iterator[_Difference]:
    if line.status is not recorded.status:
        yield _Difference("status", recorded.status.name, line.status.name)
    if line.tag != recorded.reserved_tag:
        yield _Difference("reserved_tag", _quoted(recorded.reserved_tag), _quoted(line.tag))
    if line.organization.id != recorded.organization_id:
        column = "path" if line.row.get("path").strip() else "organization"
        yield _Difference(column, names.path_of(recorded.organization_id), names.path_of(line.organization.id))
    if fold(line.series) != fold(recorded.series):
        yield _Difference("series", _quoted(recorded.series), _quoted(line.series))
    yield from _user_differences(line, recorded)


def _user_differences(line: NumberLine, recorded: RecordedNumber) -> Iterator[_Difference]:
    """Yield what differs between two users. A line without a user, as in a report, says nothing of one."""
    if line.user is None:
        return
    known = recorded.user
    if known is None or mailbox_key(line.user.email) != mailbox_key(known.email):
        yield _Difference("email", known.email if known else "", line.user.email)
    if known is None or line.user.first_name != known.first_name:
        yield _Difference("first_name", _quoted(known.first_name if known else None), _quoted(line.user.first_name))
    if known is None or line.user.last_name != known.last_name:
        yield _Difference("last_name", _quoted(known.last_name if known else None), _quoted(line.user.last_name))


def _quoted(text: str | None) -> str:
    return "" if text is None else repr(text)
