"""A change to a few named numbers as one PostgreSQL statement: operation, events, numbers and activity.

Each part is a CTE. All of them see the snapshot that was taken when the statement began, which is older than the locks
taken inside it, so whatever depends on a number is read from its event: the events are made of the locked rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    select,
    true,
    union,
)

from db.core import idempotency
from db.core.database import DatabaseConnection, TransactionAborted
from db.core.idempotency import NewKey
from db.core.postgresql_connection import tree_is_unchanged
from db.core.statements import Statement, among, ids
from db.core.tables import NumberEventRow, OrganizationRow, PhoneNumberRow, columns
from db.core.types import Identifier
from db.history import events, operations
from db.history.events import INVENTORY_COLUMNS, Change, Effect
from db.history.operations import NewOperation
from db.numbers import predicates
from db.numbers.change_parts import FEW, UPDATE_COLUMNS, ChangeResult, conditions, update_from
from db.numbers.queries import own_columns, reader
from db.numbers.relations import NONE as NO_RELATIONS
from db.utilization import unfolded
from domain.scope import own_id_start
from domain.search import NumberFilter
from domain.texts import fold

_N, _E, _O = columns(PhoneNumberRow), columns(NumberEventRow), columns(OrganizationRow)
_records = reader(NO_RELATIONS)


@lru_cache(maxsize=256)
def _lone_statement(shape: predicates.Shape, effect: Effect, *, unless_same: bool, stores_key: bool) -> Statement:
    """As `_statement`, but without any effect unless it changes the number, whose status is among the sources.

    Nor has it any effect while the tree is being changed: what is appended after a move has folded, a snapshot from
    before the move's commit would add to the former ancestors, and while an import has the tree, nothing is folded.

    The event comes before the operation, whose foreign key is checked at the end of the statement.
    """
    identity = select(operations.NEW_ID.label("id")).cte("identity")
    operation_id = select(identity.c.id).scalar_subquery()
    recorded = events.writing(
        effect,
        *conditions(shape, effect, unless_same=unless_same),
        among(_N.status, ids("sources")),
        tree_is_unchanged(bindparam("counted_root", type_=Identifier)),
        operation=operation_id,
        single=True,
        with_users=False,
        returning=(*UPDATE_COLUMNS, *INVENTORY_COLUMNS),
    ).cte("recorded")
    is_recorded = select(recorded.c.phone_number_id).exists()
    operation = operations.inserted_where(operation_id, is_recorded).cte("operation")
    linked = operations.linking(_holders(recorded, effect, operation_id, single=True)).cte("linked")
    columns_after = own_columns(NO_RELATIONS)
    updated = update_from(recorded.c).returning(*columns_after).cte("updated")
    query = (
        select(
            *(updated.c[column.name] for column in columns_after),
            operation.c.id,
            _path(recorded.c.organization_before),
            *(recorded.c[column.name] for column in INVENTORY_COLUMNS),
        )
        .select_from(operation.join(recorded, true()).join(updated, true()))
        .add_cte(linked)
    )
    if effect.is_counted:
        query = query.add_cte(unfolded.appending(_counted(recorded, single=True)).cte("counted"))
    if stores_key:
        answer = select(_answer(recorded.c.phone_number_id, operation_id, _path(recorded.c.organization_before)))
        query = query.add_cte(idempotency.adding(answer, now="at").cte("keyed"))
    return Statement(query)


def _answer(number_id: Any, operation_id: Any, path: Any) -> Any:
    """What an idempotency key stores of the change (`resolvers.numbers.commands.NumbersChanged`), as JSON.

    The organizations are those of the path from the acting one down, whose id begins at the parameter `own_start`.
    """
    path_in_scope = func.substr(func.rtrim(path, "/"), bindparam("own_start", type_=Integer()))
    path_ids = func.string_to_array(path_in_scope, "/", type_=ARRAY(Text))
    result = func.json_build_object(
        *("changed_count", literal_column("1")),
        *("number_ids", func.json_build_array(number_id)),
        *("operation_id", operation_id),
        *("organization_ids", func.to_json(cast(path_ids[1:FEW], ARRAY(BigInteger)))),
        *("organization_count", func.cardinality(path_ids)),
    )
    return cast(func.json_build_object("answer", result), Text)


@lru_cache(maxsize=256)
def _statement(shape: predicates.Shape, effect: Effect, *, unless_same: bool, counted: bool) -> Statement:
    """A row for each event, or a single one with nulls where no number was changed.

    Its columns: the operation, how many numbers were updated, the paths of the holders before and after, whether the
    event lacks its user, the number's id, and the columns of an InventoryChange without the count.
    """
    single = shape.ids == "one"
    operation = operations.INSERTED.cte("operation")
    operation_id = select(operation.c.id).scalar_subquery()
    recorded = events.writing(
        effect,
        *conditions(shape, effect, unless_same=unless_same),
        operation=operation_id,
        single=single,
        returning=(*UPDATE_COLUMNS, _E.user_after, *INVENTORY_COLUMNS),
    ).cte("recorded")
    # No condition on the version: the rows are locked, and the snapshot may have an older version than the lock.
    allowed = among(recorded.c.status_before, ids("sources"))
    updated = update_from(recorded.c).where(allowed).returning(_N.id).cte("updated")
    linked = operations.linking(_holders(recorded, effect, operation_id, single=single)).cte("linked")
    moves = effect.organization is Change.SET
    query = select(
        operation.c.id,
        select(func.count()).select_from(updated).scalar_subquery(),
        _path(recorded.c.organization_before),
        _path(recorded.c.organization_after if moves else recorded.c.organization_before),
        and_(recorded.c.user_id_after.is_not(None), recorded.c.user_after.is_(None)),
        recorded.c.phone_number_id,
        *(recorded.c[column.name] for column in INVENTORY_COLUMNS),
    ).select_from(operation.outerjoin(recorded, true()))
    if counted:
        query = query.add_cte(unfolded.appending(_counted(recorded, single=single)).cte("counted"))
    return Statement(query.add_cte(linked))


def _counted(recorded: CTE, *, single: bool) -> Select[Any]:
    """The inventory changes of the events."""
    keys = [recorded.c[column.name] for column in INVENTORY_COLUMNS]
    return select(*keys, literal(1)) if single else select(*keys, func.count()).group_by(*keys)


def _holders(recorded: CTE, effect: Effect, operation_id: ColumnElement[Any], *, single: bool) -> Any:
    """The organizations that the operation touches, each once, with the operation's id."""
    before: Select[Any] = select(recorded.c.organization_before, operation_id)
    if effect.organization is Change.SET:
        return union(before, select(recorded.c.organization_after, operation_id))
    return before if single else before.distinct()


def _path(organization_id: ColumnElement[Any]) -> Any:
    return select(_O.path).where(_O.id == organization_id).scalar_subquery()


async def change(
    connection: DatabaseConnection,
    new_operation: NewOperation,
    filter_: NumberFilter,
    *,
    effect: Effect,
    sources: Sequence[int],
    unless_same: bool,
    counted_root: int | None,
    values: Mapping[str, Any],
) -> ChangeResult:
    """As `db.numbers.changes.change_numbers`; raises TransactionAborted where the snapshot was too old."""
    counted = counted_root is not None and effect.is_counted
    statement = _statement(predicates.shape(filter_), effect, unless_same=unless_same, counted=counted)
    parameters = {
        **predicates.parameters(filter_),
        **values,
        **new_operation._asdict(),
        "sources": sources,
        "counted_root": counted_root,
    }
    rows = await connection.fetch(statement, **parameters)
    operation, updated = rows[0][:2]
    paths: dict[int, str] = {}
    changed: dict[int, tuple[Any, ...]] = {}
    for _, _, path_before, path_after, lacks_user, number_id, *inventory_columns in rows:
        if number_id is None:
            continue
        if lacks_user:
            raise TransactionAborted("the number got its user while the statement waited for it")
        changed[number_id] = tuple(inventory_columns)
        _, organization_before, organization_after, *_ = inventory_columns
        paths[organization_before] = path_before
        if organization_after is not None:
            paths[organization_after] = path_after
    inventory_changes = events.counted(changed.values())
    expected = sum(change_.count for change_ in inventory_changes if change_.status_before in sources)
    if updated != expected:
        raise TransactionAborted(f"only {updated} of {expected} numbers were updated")
    number_ids = [number_id for number_id in filter_.ids or () if number_id in changed]
    is_counted = counted or not effect.is_counted
    return ChangeResult(operation, len(changed), number_ids, inventory_changes, paths, is_counted=is_counted)


async def change_alone(
    connection: DatabaseConnection,
    new_operation: NewOperation,
    filter_: NumberFilter,
    *,
    effect: Effect,
    sources: Sequence[int],
    unless_same: bool,
    tag: str | None,
    new_key: NewKey | None,
) -> ChangeResult | None:
    """Change the single number that the filter names, and the counters, in a statement that is a transaction by itself.

    It needs a connection outside a transaction. The filter has the root, and the scope of the acting organization.
    `tag` is the parameter of the effect. A new idempotency key is stored with the answer; raises UniqueViolation if it
    is not new.

    Return None, with nothing written, unless the number is in the scope of the filter, in a status that is among
    `sources`, and different from what it would become, and also while the tree is being changed. The effect keeps the
    holder, and the number has no user.
    """
    statement = _lone_statement(
        predicates.shape(filter_), effect, unless_same=unless_same, stores_key=new_key is not None
    )
    key_parameters: dict[str, Any] = {}
    if new_key is not None:
        [scope] = filter_.scopes or ()
        key_parameters = {**new_key._asdict(), "own_start": own_id_start(scope)}
    row = await connection.fetch_one(
        statement,
        **predicates.parameters(filter_),
        **new_operation._asdict(),
        sources=sources,
        counted_root=filter_.root_id,
        tag=tag,
        tag_folded=None if tag is None else fold(tag),
        **key_parameters,
    )
    if row is None:
        return None
    [record] = _records([row])
    operation, path, *inventory_columns = row[len(own_columns(NO_RELATIONS)) :]
    return ChangeResult(
        operation,
        1,
        [record.id],
        events.counted([inventory_columns]),
        {record.organization_id: path},
        is_counted=True,
        record=record,
    )
