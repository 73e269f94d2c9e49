"""The dashboard: users and usage by cycle, by day and over all time, read from roll-ups."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from domain.usage import UsageKind
from execution.declarations import at_most
from execution.records import RecordOf
from resolvers.usage import queries
from resolvers.usage.queries import CycleRecord, DashboardRecord
from schema.core.nodes import Node, context_of, id_field
from schema.core.scalars import Long

_FIGURES = {
    "new_users": "How many users accepted their invitation in this period.",
    "active_users": "How many users were active at the end of the period, or now if it has not ended.",
    "voice_minutes": "Billable voice usage, in minutes.",
    "messages": "Billable messages.",
    "data_megabytes": "Billable data usage, in megabytes of 1,000,000 bytes.",
    "total_voice_minutes": "All voice usage, billable or not, in minutes.",
    "total_messages": "All messages, billable or not.",
    "total_data_megabytes": "All data usage, billable or not, in megabytes of 1,000,000 bytes.",
}

Kind = Annotated[UsageKind, strawberry.argument(description="Voice, messages or data.")]


def _figure(name: str) -> Any:
    def figure(root: strawberry.Parent[Any]) -> Any:
        return getattr(getattr(root, "totals", root), name)

    return strawberry.field(resolver=figure, description=_FIGURES[name])


@strawberry.type(description="The usage of one day, for a graph.")
class UsagePoint:
    """Made by `CycleUsage.daily`."""

    date: date = strawberry.field(description="The day, in the organization's time zone.")
    value: float = strawberry.field(description="The billable usage: minutes, messages or megabytes.")


@strawberry.type(description="Users and usage of an organization and its sub-organizations, over all time.")
class UsageTotals:
    """Resolved from `resolvers.usage.queries.Totals`."""

    new_users: int = _figure("new_users")
    active_users: int = _figure("active_users")
    voice_minutes: float = _figure("voice_minutes")
    messages: Long = _figure("messages")
    data_megabytes: float = _figure("data_megabytes")
    total_voice_minutes: float = _figure("total_voice_minutes")
    total_messages: Long = _figure("total_messages")
    total_data_megabytes: float = _figure("total_data_megabytes")


def _heading(root: strawberry.Parent[CycleRecord], kind: Kind) -> str:
    return root.heading(kind)


def _daily(root: strawberry.Parent[CycleRecord], kind: Kind) -> list[UsagePoint]:
    return [UsagePoint(date=day, value=value) for day, value in root.daily(kind)]


@strawberry.type(
    description="Users and usage of an organization and its sub-organizations in one cycle: a calendar month in the "
    "organization's time zone."
)
class CycleUsage(Node):
    """Resolved from `resolvers.usage.queries.CycleRecord`."""

    id: strawberry.ID = id_field("CycleUsage", "organization_id", "number")
    start: datetime = strawberry.field(description="When the cycle starts.")
    end: datetime = strawberry.field(description="When the cycle ends; the next one starts at this time.")
    new_users: int = _figure("new_users")
    active_users: int = _figure("active_users")
    voice_minutes: float = _figure("voice_minutes")
    messages: Long = _figure("messages")
    data_megabytes: float = _figure("data_megabytes")
    total_voice_minutes: float = _figure("total_voice_minutes")
    total_messages: Long = _figure("total_messages")
    total_data_megabytes: float = _figure("total_data_megabytes")
    heading: str = strawberry.field(
        resolver=_heading, description="The heading of the cycle's graph, such as `Voice Usage for The Current Cycle`."
    )
    daily: list[UsagePoint] = strawberry.field(
        resolver=_daily,
        description="The billable usage of each day of the month, for a graph; days without usage are included. "
        "The current cycle ends today.",
        metadata=at_most(31),
    )

    is_type_of = RecordOf(CycleRecord)


async def _current_cycle(root: strawberry.Parent[DashboardRecord], info: Info) -> Any:
    return await queries.current_cycle(context_of(info), root)


async def _past_cycle(root: strawberry.Parent[DashboardRecord], info: Info) -> Any:
    return await queries.past_cycle(context_of(info), root)


async def _all_time(root: strawberry.Parent[DashboardRecord], info: Info) -> Any:
    return await queries.all_time(context_of(info), root)


@strawberry.type(description="Users and usage of an organization and its sub-organizations.")
class Dashboard(Node):
    """Resolved from `resolvers.usage.queries.DashboardRecord`."""

    id: strawberry.ID = id_field("Dashboard", "organization_id")
    current_cycle: CycleUsage = strawberry.field(resolver=_current_cycle, description="The current month.")
    past_cycle: CycleUsage = strawberry.field(resolver=_past_cycle, description="The previous month.")
    all_time: UsageTotals = strawberry.field(resolver=_all_time, description="Everything until now.")

    is_type_of = RecordOf(DashboardRecord)
