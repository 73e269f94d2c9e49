"""What subscriptions tell."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.types import Info

from db.numbers.relations import Relation
from execution.declarations import at_most
from execution.records import RecordOf
from resolvers.subscriptions import numbers
from schema.core.ids import encode
from schema.core.nodes import context_of
from schema.numbers.types import PhoneNumber, relations

READ = numbers.WITH_HOLDER | {Relation.ORGANIZATION_NAME, Relation.WITHOUT_TIMESTAMPS}
"""What needs no other read: it is part of what was read already."""


async def _phone_numbers(root: strawberry.Parent[numbers.PhoneNumbersChange], info: Info) -> Any:
    wanted = relations(info)
    if wanted <= READ:
        return root.numbers
    loaded = await context_of(info).loaders.phone_numbers(wanted).load_many([record.id for record in root.numbers])
    return [record for record in loaded if record is not None]


def _gone_ids(root: strawberry.Parent[numbers.PhoneNumbersChange]) -> list[strawberry.ID]:
    return [encode("PhoneNumber", number_id) for number_id in root.gone_ids]


@strawberry.type(
    description="What one operation changed among the numbers of a list. Update the list from it, or fetch the list "
    "again if `changedCount` is greater than `phoneNumbers` and `goneIds` together."
)
class PhoneNumbersChange:
    """Resolved from `resolvers.subscriptions.numbers.PhoneNumbersChange`."""

    cursor: str = strawberry.field(
        description="Pass it as `after` when you connect again: nothing in between is missed."
    )
    phone_numbers: list[PhoneNumber] = strawberry.field(
        resolver=_phone_numbers,
        description="The numbers that matched the filter before or after the change and are still in your scope, as "
        "they are now: the first 100.",
        metadata=at_most(100),
    )
    gone_ids: list[strawberry.ID] = strawberry.field(
        resolver=_gone_ids,
        description="The ids of numbers that were retired, or that left your scope or the filter: remove them from the "
        "list. A number that left the filter and is still in your scope is in `phoneNumbers`, too. May have ids that "
        "the list did not have.",
        metadata=at_most(100),
    )
    changed_count: int = strawberry.field(
        description="How many numbers of the list the operation changed. Of an operation on more than 1000 numbers, "
        "all that may have matched by organization, series and status are counted. After an organization was moved, "
        "both lists are empty and the count is at least 1."
    )

    is_type_of = RecordOf(numbers.PhoneNumbersChange)
