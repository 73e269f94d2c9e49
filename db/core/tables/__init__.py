"""The tables. Enumerations are stored as the integers of `domain`'s IntEnums; texts compare by code point.

Organizations form a tree (parent and materialized path). Every phone number is held by one organization and belongs
to one series. An operation groups the events of one change; `number_events` is both the history and the work list of
the change. `utilization` and `inventory` are counters. SQLite updates them in the transaction that changes the numbers;
PostgreSQL appends to `counter_deltas`, which are added to the counters later. The same goes for the totals of usage and
users, by quarter hour and by local day, and `total_deltas`.
"""

from db.core.tables.access import (
    AccessTokenRow,
    AdministratorRow,
    ApiKeyRow,
    IdempotencyKeyRow,
    LimitCounterRow,
    PasswordLinkRow,
    SecretRow,
)
from db.core.tables.counters import CounterDeltaRow, FoldingRow, InventoryRow, UtilizationRow
from db.core.tables.definitions import columns, table
from db.core.tables.history import NumberEventRow, OperationOrganizationRow, OperationRow
from db.core.tables.inventory import (
    FormerOrganizationRow,
    OrganizationRow,
    PhoneNumberRow,
    SeriesRow,
    UserRow,
)
from db.core.tables.jobs import JOB_IS_OPEN, JobRow, JobSignalRow, UploadChunkRow, UploadRow
from db.core.tables.mail import MAIL_WAITS, OutboxRow
from db.core.tables.usage import DailyTotalRow, QuarterHourTotalRow, TotalDeltaRow, UsageRecordRow

__all__ = [
    "JOB_IS_OPEN",
    "MAIL_WAITS",
    "AccessTokenRow",
    "AdministratorRow",
    "ApiKeyRow",
    "CounterDeltaRow",
    "DailyTotalRow",
    "FoldingRow",
    "FormerOrganizationRow",
    "IdempotencyKeyRow",
    "InventoryRow",
    "JobRow",
    "JobSignalRow",
    "LimitCounterRow",
    "NumberEventRow",
    "OperationOrganizationRow",
    "OperationRow",
    "OrganizationRow",
    "OutboxRow",
    "PasswordLinkRow",
    "PhoneNumberRow",
    "QuarterHourTotalRow",
    "SecretRow",
    "SeriesRow",
    "TotalDeltaRow",
    "UploadChunkRow",
    "UploadRow",
    "UsageRecordRow",
    "UserRow",
    "UtilizationRow",
    "columns",
    "table",
]
