"""Compare texts without invisible characters and mail addresses by mailbox; make the names of siblings distinct.

Rows that break a newer rule are kept and logged. Folding is done in Python, for rows with characters outside ASCII.
"""

import logging
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from domain.emails import clean_email, mailbox_key
from domain.errors import InvalidInput
from domain.texts import NAME_LENGTH, clean_name, clean_tag, fold

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

logger = logging.getLogger("dialtree.migrations")

BATCH = 10_000
LISTED = 1_000
"""How many rows of a table the log lists."""

PLAIN_EMAIL = r"^[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@([A-Za-z0-9]+(-[A-Za-z0-9]+)*\.)+[A-Za-z]+$"
"""The addresses that are certainly valid, and whose key is the one that is stored."""

PARENTLESS = sa.text("parent_id IS NULL")


def upgrade() -> None:
    _refold_numbers()
    _refold_users()
    _refold_administrators()
    _check_suppliers()
    for table, scope in (("organizations", "parent_id"), ("series", "root_id")):
        _refold_names(table)
        _make_distinct(table, scope)
    op.create_index("uq_organizations_parent_folded", "organizations", ["parent_id", "name_folded"], unique=True)
    op.create_index(
        "uq_organizations_root_folded",
        "organizations",
        ["name_folded"],
        unique=True,
        postgresql_where=PARENTLESS,
        sqlite_where=PARENTLESS,
    )
    op.create_index("uq_series_root_folded", "series", ["root_id", "name_folded"], unique=True)


def downgrade() -> None:
    """Names that were made distinct stay so, and folded columns keep their new form."""
    op.drop_index("uq_series_root_folded", table_name="series")
    op.drop_index("uq_organizations_root_folded", table_name="organizations")
    op.drop_index("uq_organizations_parent_folded", table_name="organizations")


def _not_ascii(*columns: str) -> str:
    octets = "octet_length({0})" if op.get_bind().dialect.name == "postgresql" else "length(CAST({0} AS BLOB))"
    return " OR ".join(f"{octets.format(column)} <> length({column})" for column in columns)


def _batches(table: str, columns: Sequence[str], *, where: str) -> Iterator[Sequence[sa.Row[Any]]]:
    query = sa.text(
        f"SELECT id, {', '.join(columns)} FROM {table} WHERE id > :last AND ({where}) ORDER BY id LIMIT {BATCH}"  # noqa: S608 - constants
    )
    last = 0
    while rows := op.get_bind().execute(query, {"last": last}).all():
        yield rows
        last = rows[-1].id


def _update(table: str, changes: list[dict[str, Any]]) -> None:
    """Update rows; each change has the id and the new values."""
    if changes:
        values = ", ".join(f"{name} = :{name}" for name in changes[0] if name != "id")
        op.get_bind().execute(sa.text(f"UPDATE {table} SET {values} WHERE id = :id"), changes)  # noqa: S608 - constants


class _Log:
    """Lists rows of one table that break a rule."""

    def __init__(self, noun: str) -> None:
        self._noun = noun
        self._count = 0

    def add(self, name: object, message: str) -> None:
        self._count += 1
        if self._count <= LISTED:
            logger.warning("%s %s: %s", self._noun, name, message)

    def close(self) -> None:
        if self._count > LISTED:
            logger.warning("... and %d more of these (%s)", self._count - LISTED, self._noun)


def _fault_of_name(text: str, noun: str) -> str | None:
    """Return the rule that a stored name breaks, or None."""
    try:
        cleaned = clean_name(text, noun=noun, path=()) if noun != "reserved tag" else clean_tag(text, path=())
    except InvalidInput as error:
        return error.message
    return None if cleaned == text else f"The {noun} is not trimmed."


def _is_email(text: str) -> bool:
    try:
        return clean_email(text, path=()) == text
    except InvalidInput:
        return False


def _refold_numbers() -> None:
    log = _Log("number")
    columns = ("number", "reserved_tag", "tag_folded")
    for rows in _batches("phone_numbers", columns, where=_not_ascii("reserved_tag")):
        changes = []
        for row in rows:
            fault = _fault_of_name(row.reserved_tag, "reserved tag")
            if fault is not None:
                log.add(row.number, fault)
            if fold(row.reserved_tag) != row.tag_folded:
                changes.append({"id": row.id, "tag_folded": fold(row.reserved_tag)})
        _update("phone_numbers", changes)
    log.close()


def _refold_users() -> None:
    log = _Log("user")
    columns = ("organization_id", "first_name", "last_name", "email", "email_folded", "name_folded", "search_text")
    plain = "~" if op.get_bind().dialect.name == "postgresql" else "REGEXP"
    where = (
        f"{_not_ascii('first_name', 'last_name', 'email')} OR length(email) > 64 OR NOT (email {plain} '{PLAIN_EMAIL}')"
    )
    for rows in _batches("users", columns, where=where.replace(":", "\\:")):
        changes = []
        for row in rows:
            for noun, text in (("first name", row.first_name), ("last name", row.last_name)):
                fault = _fault_of_name(text, noun)
                if fault is not None:
                    log.add(row.id, fault)
            if not _is_email(row.email):
                log.add(row.id, "The email address is not valid.")
            changes += _change_of_user(row, log)
        _update("users", changes)
    log.close()


def _change_of_user(row: sa.Row[Any], log: _Log) -> list[dict[str, Any]]:
    key = mailbox_key(row.email)
    shown = fold(f"{row.first_name} {row.last_name}\n{row.email}")
    search_text = shown if shown.endswith(f"\n{key}") else f"{shown}\n{key}"
    name_folded = fold(f"{row.last_name}\n{row.first_name}")
    if key != row.email_folded:
        free = _free_key("users", row.id, key, within=f"organization_id = {row.organization_id}")
        if free != key:
            log.add(row.id, "Another user of the organization has the same mailbox, spelt in another way.")
        # At once, so that the next row finds it.
        _update("users", [{"id": row.id, "email_folded": free}])
    if (name_folded, search_text) == (row.name_folded, row.search_text):
        return []
    return [{"id": row.id, "name_folded": name_folded, "search_text": search_text}]


def _free_key(table: str, row_id: int, key: str, *, within: str) -> str:
    """Return the key, with a number behind it if another row has it."""
    query = sa.text(f"SELECT 1 FROM {table} WHERE email_folded = :key AND id <> :id AND {within}")  # noqa: S608 - constants
    free, number = key, 1
    while op.get_bind().scalar(query, {"key": free, "id": row_id}):
        number += 1
        free = f"{key} ({number})"
    return free


def _refold_administrators() -> None:
    log = _Log("administrator")
    for rows in _batches("administrators", ("name", "name_folded", "email", "email_folded"), where="1 = 1"):
        for row in rows:
            fault = _fault_of_name(row.name, "name")
            if fault is not None:
                log.add(row.id, fault)
            if not _is_email(row.email):
                log.add(row.id, "The email address is not valid.")
            key = mailbox_key(row.email)
            free = key if key == row.email_folded else _free_key("administrators", row.id, key, within="1 = 1")
            if free != key:
                log.add(
                    row.id,
                    "Another administrator has the same mailbox. Change the address: only the other one can sign in.",
                )
            if (free, fold(row.name)) != (row.email_folded, row.name_folded):
                _update("administrators", [{"id": row.id, "email_folded": free, "name_folded": fold(row.name)}])
    log.close()


def _check_suppliers() -> None:
    log = _Log("organization")
    for rows in _batches("organizations", ("supplier_email",), where="supplier_email IS NOT NULL"):
        for row in rows:
            if not _is_email(row.supplier_email):
                log.add(row.id, "The supplier's email address is not valid.")
    log.close()


def _refold_names(table: str) -> None:
    log = _Log("organization" if table == "organizations" else "series")
    for rows in _batches(table, ("name", "name_folded"), where=_not_ascii("name")):
        changes = []
        for row in rows:
            fault = _fault_of_name(row.name, "name")
            if fault is not None:
                log.add(row.id, fault)
            if fold(row.name) != row.name_folded:
                changes.append({"id": row.id, "name_folded": fold(row.name)})
        _update(table, changes)
    log.close()


def _make_distinct(table: str, scope: str) -> None:
    """Number the later ones of the rows whose names are the same now. The log lists all of them."""
    twins = sa.text(
        f"SELECT t.id, t.{scope} AS scope, t.name, t.name_folded FROM {table} t WHERE EXISTS (SELECT 1 FROM {table} o"  # noqa: S608 - constants
        f" WHERE o.name_folded = t.name_folded AND o.id < t.id AND (o.{scope} = t.{scope} OR"
        f" (o.{scope} IS NULL AND t.{scope} IS NULL))) ORDER BY t.id"
    )
    for row in op.get_bind().execute(twins).all():
        name = _free_name(table, scope, row)
        _update(table, [{"id": row.id, "name": name, "name_folded": fold(name)}])
        logger.warning("%s %s: %r is now %r, for it was the same as another name", table, row.id, row.name, name)


def _free_name(table: str, scope: str, row: sa.Row[Any]) -> str:
    within = f"{scope} IS NULL" if row.scope is None else f"{scope} = {row.scope}"
    query = sa.text(f"SELECT 1 FROM {table} WHERE name_folded = :folded AND {within}")  # noqa: S608 - constants
    number = 2
    while True:
        suffix = f" ({number})"
        name: str = row.name[: NAME_LENGTH - len(suffix)] + suffix
        if not op.get_bind().scalar(query, {"folded": fold(name)}):
            return name
        number += 1
