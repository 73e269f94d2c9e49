"""The schema, put together."""

from __future__ import annotations

from functools import cache

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.access.mutations import AccessMutations
from schema.core.scalars import SCALARS
from schema.history.types import NumberEvent, Operation
from schema.mail.mutations import MailMutations
from schema.numbers.mutations import NumberMutations
from schema.organizations.mutations import OrganizationMutations
from schema.root.queries import Query
from schema.usage.mutations import UsageMutations
from schema.usage.types import CycleUsage, Dashboard
from schema.users.mutations import UserMutations
from schema.users.types import User


@strawberry.type(
    description=(
        "Everything that can be changed. A refusal is an answer: `userErrors` says why, and nothing was changed."
    )
)
class Mutation(
    NumberMutations,
    OrganizationMutations,
    UserMutations,
    UsageMutations,
    MailMutations,
    AccessMutations,
):
    """The root of every mutation."""


@cache
def build_schema() -> strawberry.Schema:
    """The Strawberry schema, built once per process; `execution` runs operations on it within limits."""
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        types=[User, Operation, NumberEvent, Dashboard, CycleUsage],
        config=StrawberryConfig(scalar_map=SCALARS),
    )


def sdl() -> str:
    """The schema in GraphQL's own language."""
    return build_schema().as_str() + "\n"
