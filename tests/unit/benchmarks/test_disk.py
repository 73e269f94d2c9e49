"""The report of sizes says what each index of the large tables is for."""

import pytest
from sqlmodel import SQLModel

from benchmarks.disk import INDEXES
from db.core.tables import (
    DailyTotalRow,
    InventoryRow,
    NumberEventRow,
    OperationOrganizationRow,
    OperationRow,
    PhoneNumberRow,
    QuarterHourTotalRow,
    UsageRecordRow,
    UserRow,
    UtilizationRow,
    table,
)

LARGE = (
    *(PhoneNumberRow, NumberEventRow, UserRow, InventoryRow, UtilizationRow, OperationRow, OperationOrganizationRow),
    *(UsageRecordRow, QuarterHourTotalRow, DailyTotalRow),
)


@pytest.mark.parametrize("row", LARGE)
def test_every_index_has_a_purpose(row: type[SQLModel]) -> None:
    indexed = table(row)
    names = {str(index.name) for index in indexed.indexes}
    names |= {str(constraint.name) for constraint in indexed.constraints if str(constraint.name).startswith("uq_")}
    assert {*names, indexed.name} <= INDEXES.keys()
