"""The region in which a file's national numbers are read."""

from __future__ import annotations

from resolvers.organizations.paths import OrganizationPlace

ANY_REGION = "ZZ"
"""The region in which only numbers in international form are valid."""


def region_of_line(organization: OrganizationPlace, *, given: str | None, default: str) -> str:
    """Return the region of an import's line: the option `--region`, or else the organization's, or the deployment's."""
    return given or organization.region or default
