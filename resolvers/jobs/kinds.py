"""The mutations that can run as jobs, and their commands as JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from domain.jobs import JobKind
from resolvers.core.context import Context
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers import addition, allocation, changes
from resolvers.numbers.addition import NumbersAdded
from resolvers.numbers.addition_lines import AddNumbers
from resolvers.numbers.allocation import AllocateNumbers, WithdrawNumbers
from resolvers.numbers.commands import (
    NOTHING_CHANGED,
    MoveNumbers,
    NumbersChanged,
    ReserveNumbers,
    RetireNumbers,
    UnreserveNumbers,
)
from resolvers.users import bulk
from resolvers.users.commands import InviteUsers, UsersInvited


class Kind(NamedTuple):
    """A mutation: its command, its resolver, what checks a command beforehand, and a result that says nothing yet."""

    command: type
    run: Callable[[Context, Any], Awaitable[Any]]
    check: Callable[[UnitOfWork, Any], Awaitable[object]]
    nothing: NumbersChanged | UsersInvited = NOTHING_CHANGED


KINDS: dict[JobKind, Kind] = {
    JobKind.MOVE: Kind(MoveNumbers, changes.move_numbers, changes.check_move),
    JobKind.RESERVE: Kind(ReserveNumbers, changes.reserve_numbers, changes.check_reservation),
    JobKind.UNRESERVE: Kind(UnreserveNumbers, changes.unreserve_numbers, changes.check_unreservation),
    JobKind.ALLOCATE: Kind(AllocateNumbers, allocation.allocate_numbers, allocation.check_allocation),
    JobKind.WITHDRAW: Kind(WithdrawNumbers, allocation.withdraw_numbers, allocation.check_withdrawal),
    JobKind.RETIRE: Kind(RetireNumbers, changes.retire_numbers, changes.check_retirement),
    JobKind.ADD_NUMBERS: Kind(
        AddNumbers, addition.add_numbers, addition.check_addition, NumbersAdded(changed_count=0, number_ids=[])
    ),
    JobKind.INVITE_USERS: Kind(
        InviteUsers,
        bulk.invite_users,
        bulk.check_invitations,
        UsersInvited(invited_count=0, skipped_count=0, user_ids=[]),
    ),
}
KIND_OF_COMMAND = {kind.command: name for name, kind in KINDS.items()}


_ADAPTERS: dict[JobKind, TypeAdapter[Any]] = {name: TypeAdapter(kind.command) for name, kind in KINDS.items()}


def dump_command(command: Any) -> str:
    """Return the command as JSON, as a job runs it: without its idempotency key, which returns the job."""
    plain = replace(command, as_job=False, idempotency_key=None)
    return _ADAPTERS[KIND_OF_COMMAND[type(command)]].dump_json(plain).decode()


def load_command(kind: JobKind, text: str) -> Any:
    """Return the command from JSON."""
    return _ADAPTERS[kind].validate_json(text)
