"""Series: named blocks of numbers."""

from __future__ import annotations

from functools import partial
from typing import Any

import strawberry

from db.organizations import series as series_rows
from db.organizations.series import SeriesName, SeriesRecord
from execution.records import RecordOf
from resolvers.core.context import Context
from resolvers.organizations import series
from schema.core.connections import BY_NAME, Connection, ConnectionRows, forward
from schema.core.nodes import Node, id_field

ORDER = "series by name"


@strawberry.type(description="A named block of numbers, by country or area code; every number belongs to one.")
class Series(Node):
    """Read off `db.organizations.series.SeriesRecord`."""

    id: strawberry.ID = id_field("Series")
    name: str = strawberry.field(description="Its name, such as `+1 418`, unique under a root organization.")
    region: str | None = strawberry.field(description="The country or area that it is for, as its creator wrote it.")

    is_type_of = RecordOf(SeriesRecord, SeriesName)


def series_list(context: Context, *, search: str | None, first: int | None, after: str | None) -> Any:
    """A page of the series that the caller sees."""
    page = forward(ORDER, BY_NAME, first=first, after=after)
    listing = series.visible_series(context, search=search)
    rows = ConnectionRows(
        partial(series.series_page, context, listing, page),
        partial(series.series_count, context, listing),
        order=ORDER,
        key=series_rows.key,
    )
    return Connection[Series](rows=rows)
