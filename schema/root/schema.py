"""The schema, assembled from the queries, mutations and types of the nouns."""

from __future__ import annotations

from functools import cache

import strawberry
from graphql.utilities.print_schema import print_schema_definition
from strawberry.schema.config import StrawberryConfig

from schema.access.mutations import AccessMutations
from schema.access.queries import AccessQueries
from schema.core.scalars import SCALARS
from schema.history.types import NumberEvent, Operation
from schema.jobs.mutations import JobMutations
from schema.jobs.queries import JobQueries
from schema.mail.mutations import MailMutations
from schema.mail.queries import MailQueries
from schema.numbers.mutations import NumberMutations
from schema.numbers.queries import NumberQueries
from schema.organizations.mutations import OrganizationMutations
from schema.organizations.queries import OrganizationQueries
from schema.reports.queries import ReportQueries
from schema.root.queries import NodeQueries
from schema.subscriptions.subscriptions import Subscriptions
from schema.usage.mutations import UsageMutations
from schema.usage.types import CycleUsage, Dashboard
from schema.users.mutations import UserMutations
from schema.users.queries import UserQueries
from schema.users.types import User


@strawberry.type(
    description="Everything that you can read. Results are limited to your scope: the organization that you act from "
    "and its sub-organizations."
)
class Query(
    NodeQueries,
    OrganizationQueries,
    NumberQueries,
    UserQueries,
    AccessQueries,
    MailQueries,
    ReportQueries,
    JobQueries,
):
    """The root of every query."""


@strawberry.type(
    description="Everything that you can change. A refused mutation changes nothing and returns the reasons as "
    "`userErrors`."
)
class Mutation(
    NumberMutations,
    OrganizationMutations,
    UserMutations,
    UsageMutations,
    MailMutations,
    AccessMutations,
    JobMutations,
):
    """The root of every mutation."""


@strawberry.type(
    description="Everything that you can be told of as it happens, over WebSocket (graphql-transport-ws) or "
    "server-sent events. A subscription ends with an error when your token ends or your role no longer permits it."
)
class Subscription(Subscriptions):
    """The root of every subscription."""


DESCRIPTION = (
    "Dialtree: the telephone numbers of organizations. Each number belongs to a series, is held by one organization "
    "of a tree, and is available, reserved, assigned or in use. Send a token as `Authorization: Bearer TOKEN`; you see "
    "the organization that you act from and everything below it. Start with `viewer`."
)
"""What an explorer shows before anything is selected."""


@cache
def build_schema() -> strawberry.Schema:
    """Return the Strawberry schema, built once per process."""
    schema = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[User, Operation, NumberEvent, Dashboard, CycleUsage],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    # Strawberry has no parameter for it.
    schema._schema.description = DESCRIPTION  # noqa: SLF001
    return schema


def sdl() -> str:
    """Return the schema in GraphQL's schema definition language."""
    schema = build_schema()
    # Strawberry prints no description of the schema.
    return f"{print_schema_definition(schema._schema)}\n\n{schema.as_str()}\n"  # noqa: SLF001
