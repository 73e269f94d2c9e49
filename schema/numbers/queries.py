"""Root fields that read numbers."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from execution.declarations import at_most
from resolvers.numbers import queries
from schema.core.arguments import After, Before, First, Last, described
from schema.core.connections import PageArguments
from schema.core.enums import STATUS_LABELS
from schema.core.ids import row_id
from schema.core.inputs import given
from schema.core.nodes import context_of
from schema.core.scalars import E164
from schema.numbers.inputs import PhoneNumberFilter, PhoneNumberOrder
from schema.numbers.types import PhoneNumber, PhoneNumberConnection, StatusMeaning, number_list, relations


async def _phone_number(
    info: Info,
    id: Annotated[strawberry.ID | None, described("Its id.")] = UNSET,
    number: Annotated[E164 | None, described("The number itself, if you do not have its id.")] = UNSET,
) -> Any:
    context = context_of(info)
    if given(id) is not None:
        return await context.loaders.phone_numbers(relations(info)).load(row_id(id or "", "PhoneNumber"))
    return await queries.find_number(context, given(number) or "", relations=relations(info))


async def _phone_numbers(
    info: Info,
    filter: Annotated[PhoneNumberFilter | None, described("Which numbers to list; all of them by default.")] = UNSET,
    order_by: Annotated[PhoneNumberOrder | None, described("How to sort them; by number by default.")] = UNSET,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:
    return await number_list(
        info, PageArguments(first, after, last, before), filter=given(filter), order_by=given(order_by)
    )


def _status_meanings(info: Info) -> list[StatusMeaning]:
    _ = context_of(info).scope  # raises unless the caller is signed in and may read
    return [
        StatusMeaning(status=status, label=label, description=description)
        for status, (label, description) in STATUS_LABELS.items()
    ]


@strawberry.type
class NumberQueries:
    """The queries of numbers."""

    phone_number: PhoneNumber | None = strawberry.field(
        resolver=_phone_number,
        description="One number, which may be retired; null if it is outside your scope or the text is no number.",
    )
    phone_numbers: PhoneNumberConnection = strawberry.field(
        resolver=_phone_numbers,
        description="The numbers in your scope: filtered, sorted, paged and counted.",
    )
    status_meanings: list[StatusMeaning] = strawberry.field(
        resolver=_status_meanings,
        description="Every number status with its meaning, for tooltips.",
        metadata=at_most(5),
    )
