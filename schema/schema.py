"""The schema, put together."""

from __future__ import annotations

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.access_mutations import AccessMutations
from schema.administrator_mutations import AdministratorMutations
from schema.history import NumberEvent, Operation
from schema.mail_mutations import MailMutations
from schema.number_mutations import NumberMutations
from schema.organization_mutations import OrganizationMutations
from schema.queries import Query
from schema.scalars import SCALARS
from schema.usage import CycleUsage, Dashboard
from schema.usage_mutations import UsageMutations
from schema.user_mutations import UserMutations
from schema.users import User


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
    AdministratorMutations,
    AccessMutations,
):
    """The root of every mutation."""


def build_schema() -> strawberry.Schema:
    """The schema; the server runs it through `execution`, which has the limits and the errors in hand."""
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        types=[User, Operation, NumberEvent, Dashboard, CycleUsage],
        config=StrawberryConfig(scalar_map=SCALARS),
    )


def sdl() -> str:
    """The schema in GraphQL's own language."""
    return build_schema().as_str() + "\n"
