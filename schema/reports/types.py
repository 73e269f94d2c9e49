"""The link to a report."""

from __future__ import annotations

from datetime import datetime

import strawberry


@strawberry.type(
    description="A link to a CSV file. It works for a few minutes and needs no authentication: open it in a browser."
)
class DownloadLink:
    """Resolved from `resolvers.reports.links.ReportLink`."""

    url: str = strawberry.field(description="The address to download the file from.")
    expires_at: datetime = strawberry.field(description="When the link expires.")
    filename: str = strawberry.field(description="The name of the downloaded file.")
