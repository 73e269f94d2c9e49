"""Read dashboards: an organization's users and usage by cycle and for all time, from the roll-ups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from db.organizations.queries import OrganizationRecord
from db.usage.queries import NO_USAGE, DailyTotals, UsageTotals
from domain import usage
from domain.calendar import Cycle, day_number, local_date
from domain.usage import Metric, UsageKind
from resolvers.core.context import Context


class DashboardRecord(NamedTuple):
    """The dashboard of an organization, with its current cycle."""

    organization: OrganizationRecord
    current: Cycle
    today: date

    @property
    def organization_id(self) -> int:
        """The organization's id."""
        return self.organization.id


class Totals(NamedTuple):
    """Users and usage of a period, in minutes, messages and megabytes: billable usage, then all usage."""

    new_users: int
    active_users: int
    voice_minutes: float
    messages: int
    data_megabytes: float
    total_voice_minutes: float
    total_messages: int
    total_data_megabytes: float


class CycleRecord(NamedTuple):
    """A cycle of an organization with its totals."""

    organization_id: int
    cycle: Cycle
    current: Cycle
    start: datetime
    end: datetime
    totals: Totals
    by_day: DailyTotals
    today: date

    @property
    def number(self) -> int:
        """The cycle's number, such as 202611."""
        return self.cycle.number

    def heading(self, kind: UsageKind) -> str:
        """The heading of the cycle's graph."""
        return usage.heading(kind, self.cycle, current=self.current)

    def daily(self, kind: UsageKind) -> list[tuple[date, float]]:
        """The billable usage of each day of the cycle until today."""
        totals = self.by_day[Metric(kind)]
        return [
            (day, usage.display_quantity(kind, totals.get(day_number(day), NO_USAGE).billable))
            for day in self.cycle.days
            if day <= self.today
        ]


def dashboard(context: Context, organization: OrganizationRecord) -> DashboardRecord:
    """Return the dashboard of an organization at the current time."""
    today = local_date(context.clock(), organization.time_zone)
    return DashboardRecord(organization, Cycle(today.year, today.month), today)


async def current_cycle(context: Context, record: DashboardRecord) -> CycleRecord:
    """Return the current cycle of a dashboard."""
    return await _cycle(context, record, record.current)


async def past_cycle(context: Context, record: DashboardRecord) -> CycleRecord:
    """Return the previous cycle of a dashboard."""
    return await _cycle(context, record, record.current.previous)


async def find_cycle(context: Context, organization: OrganizationRecord, number: int) -> CycleRecord | None:
    """Return the cycle with a number such as 202611; None for an invalid number or a future cycle."""
    record = dashboard(context, organization)
    cycle = Cycle.numbered(number)
    return None if cycle is None or cycle > record.current else await _cycle(context, record, cycle)


async def all_time(context: Context, record: DashboardRecord) -> Totals:
    """Return the totals of all time."""
    totals = await context.loaders.all_time.load(record.organization.id) or {}
    return _display_totals(totals, active=totals.get(Metric.REGISTERED, NO_USAGE).total)


async def _cycle(context: Context, record: DashboardRecord, cycle: Cycle) -> CycleRecord:
    organization = record.organization
    # Both cycles of a dashboard are read from the same first day, so that the loader batches them in one statement.
    read_from = min(cycle, record.current.previous)
    by_day: DailyTotals = await context.loaders.daily(first=day_number(read_from.first_day)).load(organization.id) or {}
    all_time_totals = await context.loaders.all_time.load(organization.id) or {}
    first, end = day_number(cycle.first_day), day_number(cycle.following.first_day)
    in_cycle = {
        metric: _sum(totals for day, totals in days.items() if first <= day < end) for metric, days in by_day.items()
    }
    later = _sum(totals for day, totals in by_day.get(Metric.REGISTERED, {}).items() if day >= end)
    active = all_time_totals.get(Metric.REGISTERED, NO_USAGE).total - later.total
    zone = organization.time_zone
    totals = _display_totals(in_cycle, active=active)
    return CycleRecord(
        organization.id, cycle, record.current, cycle.start(zone), cycle.end(zone), totals, by_day, record.today
    )


def _sum(daily: Iterable[UsageTotals]) -> UsageTotals:
    billable = total = 0
    for totals in daily:
        billable += totals.billable
        total += totals.total
    return UsageTotals(billable, total)


def _display_totals(totals: Mapping[Metric, UsageTotals], *, active: int) -> Totals:
    voice, messages, data = (totals.get(Metric(kind), NO_USAGE) for kind in UsageKind)
    return Totals(
        new_users=totals.get(Metric.ACTIVATIONS, NO_USAGE).total,
        active_users=active,
        voice_minutes=usage.display_quantity(UsageKind.VOICE, voice.billable),
        messages=messages.billable,
        data_megabytes=usage.display_quantity(UsageKind.DATA, data.billable),
        total_voice_minutes=usage.display_quantity(UsageKind.VOICE, voice.total),
        total_messages=messages.total,
        total_data_megabytes=usage.display_quantity(UsageKind.DATA, data.total),
    )
