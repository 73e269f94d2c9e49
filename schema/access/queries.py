"""Root fields that read the caller, administrators and API keys."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from execution.declarations import STATEMENT_COST, at_most
from resolvers.access import api_keys
from schema.access.types import Administrator, ApiKey, Viewer, administrator_list
from schema.core.arguments import After, Before, First, Last
from schema.core.connections import Connection, PageArguments
from schema.core.nodes import context_of


def _viewer(info: Info) -> Any:
    return context_of(info).actor


def _administrators(
    info: Info, first: First = UNSET, after: After = UNSET, last: Last = UNSET, before: Before = UNSET
) -> Any:
    return administrator_list(context_of(info), PageArguments(first, after, last, before))


async def _api_keys(info: Info) -> Any:
    return await api_keys.visible_keys(context_of(info))


@strawberry.type
class AccessQueries:
    """The queries of access."""

    viewer: Viewer = strawberry.field(resolver=_viewer, description="You, and the organization that you act from.")
    administrators: Connection[Administrator] | None = strawberry.field(
        resolver=_administrators,
        description="The administrators in your scope, by name. Null, with an error, if your role may not manage them.",
    )
    api_keys: list[ApiKey] | None = strawberry.field(
        resolver=_api_keys,
        description="The API keys in your scope, oldest first, including revoked and expired ones. Null, with an "
        "error, if your role may not manage them.",
        metadata=at_most(500, extra_cost=STATEMENT_COST),
    )
