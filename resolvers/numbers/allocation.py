"""Allocating numbers to sub-organizations and withdrawing them to the parent, by series and quantity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from db.core.database import TransactionAborted
from db.history import operations
from db.numbers import allocation_selection, changes
from db.organizations.queries import OrganizationRecord
from db.organizations.series import SeriesRecord
from db.utilization import queries as utilization
from domain.access import Permission, require
from domain.allocation import AllocationStrategy, check_quantity
from domain.errors import Forbidden, InsufficientNumbers, InvalidInput
from domain.scope import strictly_below
from domain.statuses import EventKind
from resolvers.core.context import Context
from resolvers.core.transactions import run_mutation
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.commands import SHOWN, NumbersChanged
from resolvers.numbers.completion import complete_change


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocateNumbers:
    """Allocate available numbers of a series to an organization below."""

    series_id: int
    quantity: int
    to_organization_id: int
    from_organization_id: int | None = None
    strategy: AllocationStrategy = AllocationStrategy.LOWEST
    as_job: bool = False
    dry_run: bool = False
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawNumbers:
    """Withdraw available numbers of a series to the parent."""

    organization_id: int
    series_id: int
    quantity: int
    as_job: bool = False
    dry_run: bool = False
    idempotency_key: str | None = None


class _Transfer(NamedTuple):
    """Numbers that change their holder: from which organization and series, and to which organization."""

    source: OrganizationRecord
    series: SeriesRecord
    target_id: int


async def allocate_numbers(context: Context, command: AllocateNumbers) -> NumbersChanged:
    """Allocate numbers to an organization strictly below the source."""

    async def change(work: UnitOfWork) -> NumbersChanged:
        transfer = await check_allocation(work, command)
        return await _transfer(work, transfer, EventKind.ALLOCATED, command.quantity, command.strategy)

    return await run_mutation(context, command, change, NumbersChanged, bulk=command.quantity > SHOWN)


async def check_allocation(work: UnitOfWork, command: AllocateNumbers) -> _Transfer:
    """Refuse what is refused without looking at the numbers."""
    require(work.actor.role, Permission.CHANGE_NUMBERS)
    source = await work.organization(command.from_organization_id, name="fromOrganizationId")
    target = await work.organization(command.to_organization_id, name="toOrganizationId")
    series = await work.series(command.series_id)
    check_quantity(command.quantity, limit=work.limit, path=("input", "quantity"))
    if not strictly_below(target.path, source.path):
        raise InvalidInput(
            f"{target.name} is not below {source.name}. Numbers can be allocated only to sub-organizations.",
            path=("input", "toOrganizationId"),
        )
    return _Transfer(source, series, target.id)


async def withdraw_numbers(context: Context, command: WithdrawNumbers) -> NumbersChanged:
    """Withdraw numbers to the parent, lowest first."""

    async def change(work: UnitOfWork) -> NumbersChanged:
        transfer = await check_withdrawal(work, command)
        return await _transfer(work, transfer, EventKind.WITHDRAWN, command.quantity, AllocationStrategy.LOWEST)

    return await run_mutation(context, command, change, NumbersChanged, bulk=command.quantity > SHOWN)


async def check_withdrawal(work: UnitOfWork, command: WithdrawNumbers) -> _Transfer:
    """Refuse what is refused without looking at the numbers."""
    require(work.actor.role, Permission.CHANGE_NUMBERS)
    source = await work.organization(command.organization_id, name="organizationId")
    series = await work.series(command.series_id)
    if source.parent_id is None or source.id == work.actor.acting.id:
        raise Forbidden(
            f"Numbers of {source.name} are withdrawn to its parent. Act from the parent to withdraw them.",
            path=("input", "organizationId"),
        )
    check_quantity(command.quantity, limit=work.limit, path=("input", "quantity"))
    return _Transfer(source, series, source.parent_id)


async def _transfer(
    work: UnitOfWork, transfer: _Transfer, kind: EventKind, quantity: int, strategy: AllocationStrategy
) -> NumbersChanged:
    source, series = transfer.source, transfer.series
    if work.job is not None:
        work.job.advance(0, quantity)
    # Serialize allocations per holder, so that later ones select other rows.
    await work.connection.advisory_lock(f"stock {source.id}")
    operation = await operations.begin_operation(work.connection, work.new_operation(kind, changed_count=quantity))
    found = await allocation_selection.record_available(
        work.connection,
        operation=operation,
        holder=source.id,
        series=series.id,
        quantity=quantity,
        target=transfer.target_id,
        strategy=strategy,
    )
    if found is None or found < quantity:
        available = await utilization.available(work.connection, organization_id=source.id, series_id=series.id)
        if found is not None and available >= quantity:
            raise TransactionAborted("selected numbers were taken meanwhile")
        wanted = f"{quantity} contiguous ones" if strategy is AllocationStrategy.CONTIGUOUS else f"{quantity}"
        raise InsufficientNumbers(
            f"{source.name} has {available} available numbers in {series.name}, not {wanted}.",
            path=("input", "quantity"),
        )
    result = await changes.apply_events(
        work.connection, operation, at=work.now, recorded_count=quantity, advance=work.advance
    )
    return await complete_change(work, result)
