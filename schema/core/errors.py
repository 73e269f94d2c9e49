"""Refusals as `userErrors` of a mutation, and as errors of a query with a code."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Self

import strawberry
from graphql import GraphQLError
from strawberry.extensions import FieldExtension
from strawberry.extensions.field_extension import AsyncExtensionResolver
from strawberry.types import Info
from strawberry.types.field import StrawberryField

from domain.errors import DialtreeError, OffendingNumber, RequestFailed, UserErrorCode
from domain.statuses import NumberAction, NumberStatus
from execution.declarations import at_most
from resolvers.access.sign_in import authenticate_again
from schema.core.scalars import E164

logger = logging.getLogger("dialtree")

SERVER_ERROR = "Something went wrong on the server."
INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


def _allowed(root: strawberry.Parent[OffendingNumber]) -> list[NumberAction]:
    return list(root.allowed)


@strawberry.type(description="A number whose status does not allow the change.")
class NumberRefusal:
    """Resolved from `domain.errors.OffendingNumber`."""

    number: E164 = strawberry.field(description="The number.")
    status: NumberStatus = strawberry.field(description="Its status.")
    allowed: list[NumberAction] = strawberry.field(
        resolver=_allowed, description="The actions that its status allows.", metadata=at_most(10)
    )


@strawberry.type(description="A problem with one line of a list or a CSV text.")
class LineReport:
    """Resolved from `domain.errors.LineReport`."""

    line: int = strawberry.field(description="The line, or the position in the list, starting at 1.")
    value: str = strawberry.field(description="The content of the line.")
    code: UserErrorCode = strawberry.field(description="Why the line was refused or skipped.")
    message: str = strawberry.field(description="The reason in plain words.")


@strawberry.type(description="Why a mutation was refused. A refused mutation changes nothing.")
class UserError:
    """Resolved from `domain.errors.DialtreeError`."""

    code: UserErrorCode = strawberry.field(description="The reason as a code, for programs.")
    message: str = strawberry.field(description="The reason in plain words, for people.")
    path: list[str] = strawberry.field(
        description='The field at fault, starting with the argument: `["input", "tag"]`. Empty if no field is at '
        "fault.",
        metadata=at_most(5),
    )
    numbers: list[E164] = strawberry.field(description="The numbers at fault, the first 100.", metadata=at_most(1))
    number_count: int = strawberry.field(description="How many numbers are at fault in total.")
    refusals: list[NumberRefusal] = strawberry.field(
        description="For INVALID_TRANSITION: the numbers with their status and the actions it allows, the first 100.",
        metadata=at_most(1),
    )

    @classmethod
    def of(cls, error: DialtreeError) -> Self:
        """Return a refusal as a `UserError`."""
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
    """Return a refusal and the others of the same mutation."""
    return [UserError.of(one) for one in (error, *error.also)]


class Refusals(FieldExtension):
    """Turns the refusal of a mutation into the `userErrors` of its payload. Nothing else does."""

    def apply(self, field: StrawberryField) -> None:
        """Remember the field, whose type is the payload."""
        self._field = field

    async def resolve_async(self, next_: AsyncExtensionResolver, source: Any, info: Info, **kwargs: Any) -> Any:
        """Return the payload, or a payload with the refusal."""
        context = info.context
        context.begin_mutation()
        if context.commit_sent and context.caller is not None:
            # An earlier mutation of the operation may have ended the session, or changed the role.
            await authenticate_again(context)
        try:
            return await next_(source, info, **kwargs)
        except DialtreeError as error:
            info.context.refused |= {error.code}
            payload: Any = self._field.type.of_type  # type: ignore[union-attr]
            return payload.refused(error)


def mutation(description: str, *, metadata: Mapping[str, Any] | None = None) -> Any:
    """Declare a mutation whose refusals become `userErrors`."""
    return strawberry.mutation(description=description, extensions=[Refusals()], metadata=metadata)


def fault(error: GraphQLError) -> Exception | None:
    """Return the exception of an internal error; None for an error that is meant for the caller."""
    original = _original(error)
    meant = "code" in (error.extensions or {}) or isinstance(original, GraphQLError | DialtreeError | RequestFailed)
    return None if meant else original


def code_of(error: GraphQLError) -> str:
    """Return the `code` of an error's extensions."""
    extensions, original = error.extensions or {}, _original(error)
    if "code" in extensions:
        return str(extensions["code"])
    if isinstance(original, DialtreeError):
        return original.code.value
    if isinstance(original, RequestFailed):
        return original.code
    return "BAD_USER_INPUT" if fault(error) is None else INTERNAL_SERVER_ERROR


def shown(error: GraphQLError) -> GraphQLError:
    """Return the error as the caller sees it: with a code, and without the details of an internal error."""
    if "code" in (error.extensions or {}):
        return error
    message, original, broken = error.message, _original(error), fault(error)
    extensions: dict[str, Any] = {"code": code_of(error)}
    if isinstance(original, DialtreeError) and original.path:
        extensions["argument"] = list(original.path)
    if broken is not None:
        logger.error("a field failed", exc_info=broken)
        message = SERVER_ERROR
    return GraphQLError(message, nodes=error.nodes, source=error.source, path=error.path, extensions=extensions)


def _original(error: GraphQLError) -> Exception | None:
    original = error.original_error
    while isinstance(original, GraphQLError) and original.original_error is not None:
        original = original.original_error
    return original
