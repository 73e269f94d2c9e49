"""Allocating numbers to sub-organizations and withdrawing them to the parent, by series and quantity."""

from __future__ import annotations

from dataclasses import dataclass

from db.core.database import TransactionAborted
from db.history import operations
from db.numbers import allocation_selection, changes
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
    dry_run: bool = False
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawNumbers:
    """Withdraw available numbers of a series to the parent."""

    organization_id: int
    series_id: int
    quantity: int
    dry_run: bool = False
    idempotency_key: str | None = None


async def allocate_numbers(context: Context, command: AllocateNumbers) -> NumbersChanged:
    """Allocate numbers to an organization strictly below the source."""

    async def change(work: UnitOfWork) -> NumbersChanged:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        source = await work.organization(command.from_organization_id, name="fromOrganizationId")
        target = await work.organization(command.to_organization_id, name="toOrganizationId")
        series = await work.series(command.series_id)
        check_quantity(command.quantity, path=("input", "quantity"))
        if not strictly_below(target.path, source.path):
            raise InvalidInput(
                f"{target.name} is not below {source.name}. Numbers can be allocated only to sub-organizations.",
                path=("input", "toOrganizationId"),
            )
        return await _transfer(
            work,
            kind=EventKind.ALLOCATED,
            holder=(source.id, source.name),
            series=(series.id, series.name),
            quantity=command.quantity,
            target=target.id,
            strategy=command.strategy,
        )

    return await run_mutation(context, command, change, NumbersChanged, bulk=command.quantity > SHOWN)


async def withdraw_numbers(context: Context, command: WithdrawNumbers) -> NumbersChanged:
    """Withdraw numbers to the parent, lowest first."""

    async def change(work: UnitOfWork) -> NumbersChanged:
        require(work.actor.role, Permission.CHANGE_NUMBERS)
        source = await work.organization(command.organization_id, name="organizationId")
        series = await work.series(command.series_id)
        if source.parent_id is None or source.id == work.actor.acting.id:
            raise Forbidden(
                f"Numbers of {source.name} are withdrawn to its parent. Act from the parent to withdraw them.",
                path=("input", "organizationId"),
            )
        check_quantity(command.quantity, path=("input", "quantity"))
        return await _transfer(
            work,
            kind=EventKind.WITHDRAWN,
            holder=(source.id, source.name),
            series=(series.id, series.name),
            quantity=command.quantity,
            target=source.parent_id,
            strategy=AllocationStrategy.LOWEST,
        )

    return await run_mutation(context, command, change, NumbersChanged, bulk=command.quantity > SHOWN)


async def _transfer(
    work: UnitOfWork,
    *,
    kind: EventKind,
    holder: tuple[int, str],
    series: tuple[int, str],
    quantity: int,
    target: int,
    strategy: AllocationStrategy,
) -> NumbersChanged:
    # Serialize allocations per holder, so that later ones select other rows.
    await work.connection.advisory_lock(f"stock {holder[0]}")
    operation = await operations.begin_operation(work.connection, work.new_operation(kind, changed_count=quantity))
    found = await allocation_selection.record_available(
        work.connection,
        operation=operation,
        holder=holder[0],
        series=series[0],
        quantity=quantity,
        target=target,
        strategy=strategy,
    )
    if found < quantity:
        available = await utilization.available(work.connection, organization_id=holder[0], series_id=series[0])
        if found and available >= quantity:
            raise TransactionAborted("selected numbers were taken meanwhile")
        wanted = f"{quantity} contiguous ones" if strategy is AllocationStrategy.CONTIGUOUS else f"{quantity}"
        raise InsufficientNumbers(
            f"{holder[1]} has {available} available numbers in {series[1]}, not {wanted}.", path=("input", "quantity")
        )
    result = await changes.apply_events(work.connection, operation, at=work.now, recorded_count=quantity)
    return await complete_change(work, result)
