"""Refusals: as `userErrors` of a mutation's payload, and as errors of a query with a code."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Self

import strawberry
from graphql import GraphQLError
from strawberry.extensions import FieldExtension
from strawberry.extensions.field_extension import AsyncExtensionResolver
from strawberry.types import Info
from strawberry.types.field import StrawberryField

from domain.errors import DialtreeError, OffendingNumber, Unauthenticated, UserErrorCode
from domain.statuses import NumberAction, NumberStatus
from schema.core.scalars import E164

logger = logging.getLogger("dialtree")


def _allowed(root: strawberry.Parent[OffendingNumber]) -> list[NumberAction]:
    return list(root.allowed)


@strawberry.type(description="A number that stood in the way of a change.")
class NumberRefusal:
    """Read off `domain.errors.OffendingNumber`."""

    number: E164 = strawberry.field(description="The number.")
    status: NumberStatus = strawberry.field(description="The status that it is in.")
    allowed: list[NumberAction] = strawberry.field(
        resolver=_allowed, description="What could be done with it in that status."
    )


@strawberry.type(description="What was wrong with one line of a list or a file.")
class LineReport:
    """Read off `domain.errors.LineReport`."""

    line: int = strawberry.field(description="The line or the position in the list, from 1.")
    value: str = strawberry.field(description="What stood there.")
    code: UserErrorCode = strawberry.field(description="Why it was refused or skipped.")
    message: str = strawberry.field(description="The reason as a sentence.")


@strawberry.type(description="Why a mutation was refused. Where there is one, nothing was changed.")
class UserError:
    """A refusal as data."""

    code: UserErrorCode = strawberry.field(description="The kind of refusal, for a program.")
    message: str = strawberry.field(description="The reason, for a person.")
    path: list[str] = strawberry.field(
        description='Where the fault is, from the argument down: `["input", "tag"]`. Empty when no field is at fault.'
    )
    numbers: list[E164] = strawberry.field(description="The numbers at fault, the first 100.")
    number_count: int = strawberry.field(description="How many numbers are at fault in all.")
    refusals: list[NumberRefusal] = strawberry.field(
        description="For INVALID_TRANSITION: each number with its status and what would be allowed, the first 100."
    )

    @classmethod
    def of(cls, error: DialtreeError) -> Self:
        """The refusal as the schema shows it."""
        return cls(
            code=error.code,
            message=error.message,
            path=list(error.path),
            numbers=[E164(number) for number in error.numbers],
            number_count=error.number_count,
            refusals=list(error.offending_numbers),  # type: ignore[arg-type]
        )


def as_user_errors(info: Info, errors: Sequence[DialtreeError]) -> list[UserError]:
    """Return refusals as `userErrors`, and remember their codes for the trace of the request."""
    info.context.refused |= {error.code for error in errors}
    return [UserError.of(error) for error in errors]


def user_errors(error: DialtreeError) -> list[UserError]:
    """A refusal and the further ones of the same request."""
    return [UserError.of(one) for one in (error, *error.also)]


class Refusals(FieldExtension):
    """Turns a refusal into the payload's `userErrors`: the one place where a mutation's refusal becomes an answer."""

    def apply(self, field: StrawberryField) -> None:
        """Remember whose refusals they are."""
        self._field = field

    async def resolve_async(self, next_: AsyncExtensionResolver, source: Any, info: Info, **kwargs: Any) -> Any:
        """The payload, or one that holds the refusal."""
        try:
            return await next_(source, info, **kwargs)
        except DialtreeError as error:
            info.context.refused |= {error.code}
            payload: Any = self._field.type.of_type  # type: ignore[union-attr]
            return payload.refused(error)


def mutation(description: str) -> Any:
    """A mutation field whose refusals are data."""
    return strawberry.mutation(description=description, extensions=[Refusals()])


def fault(error: GraphQLError) -> Exception | None:
    """What broke on the server; None for an error that is meant for the caller."""
    original = _original(error)
    meant = "code" in (error.extensions or {}) or isinstance(original, GraphQLError | DialtreeError | Unauthenticated)
    return None if meant else original


def code_of(error: GraphQLError) -> str:
    """The code that tells a program what an error is."""
    extensions, original = error.extensions or {}, _original(error)
    if "code" in extensions:
        return str(extensions["code"])
    if isinstance(original, DialtreeError):
        return original.code.value
    if isinstance(original, Unauthenticated):
        return "UNAUTHENTICATED"
    return "BAD_USER_INPUT" if fault(error) is None else "INTERNAL_SERVER_ERROR"


def shown(error: GraphQLError) -> GraphQLError:
    """The error as the caller sees it: with a code, and without what is not meant for him."""
    if "code" in (error.extensions or {}):
        return error
    message, original, broken = error.message, _original(error), fault(error)
    extensions: dict[str, Any] = {"code": code_of(error)}
    if isinstance(original, DialtreeError) and original.path:
        extensions["argument"] = list(original.path)
    if broken is not None:
        logger.error("a field failed", exc_info=broken)
        message = "Something went wrong on the server."
    return GraphQLError(message, nodes=error.nodes, source=error.source, path=error.path, extensions=extensions)


def _original(error: GraphQLError) -> Exception | None:
    original = error.original_error
    while isinstance(original, GraphQLError) and original.original_error is not None:
        original = original.original_error
    return original
