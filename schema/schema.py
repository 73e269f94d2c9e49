"""The schema, put together."""

from __future__ import annotations

from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaxTokensLimiter
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from schema.access_mutations import AccessMutations
from schema.errors import Errors
from schema.history import NumberEvent, Operation
from schema.number_mutations import NumberMutations
from schema.organization_mutations import OrganizationMutations
from schema.queries import Query
from schema.scalars import SCALARS
from schema.users import User

MAX_TOKENS = 10_000


@strawberry.type(
    description=(
        "Everything that can be changed. A refusal is an answer: `userErrors` says why, and nothing was changed."
    )
)
class Mutation(NumberMutations, OrganizationMutations, AccessMutations):
    """The root of every mutation."""


class Schema(strawberry.Schema):
    """Strawberry's schema, which leaves the logging of errors to `schema.errors`."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Do nothing: refusals are answers, and what failed is logged where it is masked."""


def build_schema(*extensions: Any) -> strawberry.Schema:
    """The schema with its own extensions and those of the server around it."""
    return Schema(
        query=Query,
        mutation=Mutation,
        types=[User, Operation, NumberEvent],
        extensions=[*extensions, Errors, lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS)],
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
    )


def sdl() -> str:
    """The schema in GraphQL's own language."""
    return build_schema().as_str() + "\n"
