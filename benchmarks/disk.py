"""How large the tables and indexes of an inventory are, what each index is for, and how long loading takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks.databases import Databases, rows_of
from benchmarks.inventory import Size
from benchmarks.report import table
from db.core.engines import sqlite_path

MEBIBYTE = 1 << 20
LEAST = 1.0
"""Relations that take less, in MiB per million numbers, are shown together."""

INDEXES = {
    "phone_numbers": "foreign keys; numbers by id",
    "uq_phone_numbers_root_number": "a number once in its root; the list by number",
    "ix_phone_numbers_status": "the list of a status; counting searches of a status",
    "ix_phone_numbers_holding": "what an organization holds, by series and status: lists, allocation, trees",
    "ix_phone_numbers_organization": "numbers of an organization, retired ones too, which deleting it moves",
    "ix_phone_numbers_series": "the list of a series; taking the first free numbers of it",
    "ix_phone_numbers_tag": "the list by reserved tag; a tag as filter",
    "ix_phone_numbers_updated": "the list by last change; `updatedSince`",
    "ix_phone_numbers_user": "the number of a user; one number for each",
    "ix_phone_numbers_search": "`text`, `tagContains`, `endsWith`: parts of numbers and tags",
    "number_events": "the history of a number; one event for each version",
    "ix_number_events_operation": "the numbers of an operation: activity, live updates, updates from events",
    "inventory": "the counters of an organization by series",
    "ix_inventory_series": "the holders of a series: which series an organization sees, deleting a series",
    "utilization": "the counters of an organization",
    "operations": "an operation by id",
    "ix_operations_xact": "live updates: what was committed after a position",
    "operation_organizations": "the activity of an organization",
    "ix_operation_organizations_operation": "the organizations of an operation",
    "usage_records": "a record once for each sender",
    "ix_usage_records_owner": "the consumption report, in its order",
    "quarter_hour_totals": "adding usage; moving an organization, or changing its time zone",
    "daily_totals": "adding usage; the dashboard",
    "users": "foreign keys; users by id",
    "uq_users_organization_email": "an email address once in an organization",
    "ix_users_name": "the list by name",
    "ix_users_email": "the list by email address",
    "ix_users_invited": "the list by invitation",
    "ix_users_expiry": "invitations that are due",
    "uq_users_invitation": "the user of an invitation's link",
    "ix_users_search": "`text`: parts of names and addresses",
}
"""What queries need each index of the large tables for; a primary key is named like its table."""


def measure(made: Databases, on_postgresql: Sequence[Size], on_sqlite: Sequence[Size]) -> str:
    """The tables: loading times, and sizes on PostgreSQL."""
    loading = [
        (kind, f"{size.numbers:,}", f"{size.organizations:,}", f"{made.demo_seconds(url):,.0f} s", _megabytes(url))
        for kind, sizes, url_of in (
            ("PostgreSQL", on_postgresql, made.demo),
            ("SQLite", on_sqlite, made.demo_sqlite),
        )
        for size in sizes
        for url in [url_of(size)]
    ]
    largest = on_postgresql[-1]
    return "\n\n".join(
        (
            table(("`dialtree demo`", "numbers", "organizations", "time", "size"), loading),
            table(
                ("table or index", "MiB per million numbers", "what it is for"),
                _relations(rows_of(made.demo(largest), _SIZES), largest.numbers / 1e6),
            ),
        )
    )


_SIZES = """
SELECT c.relname, c.relkind = 'i', i.indisprimary, coalesce(t.relname, c.relname),
    pg_relation_size(c.oid) + coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0)
FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_class t ON t.oid = i.indrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'i')
ORDER BY 5 DESC
"""


def _relations(rows: Iterable[Sequence[object]], millions: float) -> Iterator[tuple[str, str, str]]:
    total = others = 0.0
    for name, is_index, is_primary, of, size in rows:
        share = int(str(size)) / MEBIBYTE / millions
        total += share
        if share < LEAST:
            others += share
        elif not is_index:
            yield f"**{name}**", f"{share:,.0f}", "the rows"
        else:
            purpose = INDEXES.get(str(of if is_primary else name), "")
            yield f"{name}", f"{share:,.0f}", purpose
    yield "all others", f"{others:,.0f}", ""
    yield "everything", f"{total:,.0f}", ""


def _megabytes(url: str) -> str:
    path = sqlite_path(url)
    if path is not None:
        size = Path(path).stat().st_size
    else:
        size = int(rows_of(url, "SELECT pg_database_size(current_database())")[0][0])
    return f"{size / MEBIBYTE:,.0f} MiB"
