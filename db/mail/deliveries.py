"""Read the mails in the outbox as deliveries, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from sqlalchemy import func, select

from db.core import scope
from db.core.database import DatabaseConnection
from db.core.keyset import ConnectionPage, Keyset, PageRequest, PageShape, SortKey, to_page
from db.core.statements import Row, Statement, among, ids
from db.core.tables import OutboxRow, columns, table
from db.mail.outbox import KINDS
from domain.mail import MailKind, MailState


class MailRecord(NamedTuple):
    """A mail as the API shows it."""

    id: int
    kind: MailKind
    organization_id: int
    recipients: list[str]
    subject: str
    state: MailState
    attempts: int
    error: str | None
    created_at: datetime
    sent_at: datetime | None


class MailQuery(NamedTuple):
    """The mails that a caller may see: those of organizations in scope, of the permitted kinds."""

    within: str
    kinds: Sequence[MailKind]

    def parameters(self) -> dict[str, Any]:
        """The values of the parameters of `_select_visible`."""
        return scope.bounds("scope", self.within) | {"kinds": [int(kind) for kind in self.kinds]}


STATES = tuple(MailState)
_M = columns(OutboxRow)
_COLUMNS = tuple(_M[name] for name in MailRecord._fields)


def _select_visible(*wanted: Any) -> Any:
    """Select from the mails of organizations in scope, including deleted ones that were in scope."""
    in_scope = scope.covers_organization(_M.organization_id, "scope")
    return select(*wanted).select_from(table(OutboxRow)).where(in_scope, among(_M.kind, ids("kinds")))


def _record(row: Row) -> MailRecord:
    values = MailRecord._make(row)
    return values._replace(
        kind=KINDS[row[1]],
        recipients=orjson.loads(row[3]),
        state=STATES[row[5]],
    )


_BY_IDS = Statement(_select_visible(*_COLUMNS).where(among(_M.id, ids("ids"))))
_COUNT = Statement(_select_visible(func.count()))


@lru_cache(maxsize=8)
def _page(shape: PageShape) -> Statement:
    return Statement(Keyset(_M.id, descending=True).page(_select_visible(*_COLUMNS), shape))


async def by_ids(connection: DatabaseConnection, wanted: Sequence[int], query: MailQuery) -> dict[int, MailRecord]:
    """The mails with these ids that match a query, by id."""
    rows = await connection.fetch(_BY_IDS, ids=wanted, **query.parameters())
    return {row[0]: _record(row) for row in rows}


async def page(connection: DatabaseConnection, query: MailQuery, page: PageRequest) -> ConnectionPage[MailRecord]:
    """A page of the mails that match a query, newest first."""
    rows = await connection.fetch(_page(page.shape), **page.parameters(), **query.parameters())
    return to_page([_record(row) for row in rows], page)


def key(record: MailRecord) -> SortKey:
    """The sort key of a mail."""
    return SortKey(None, record.id)


async def count(connection: DatabaseConnection, query: MailQuery) -> int:
    """The number of mails that match a query."""
    found: int = await connection.value(_COUNT, **query.parameters())
    return found
