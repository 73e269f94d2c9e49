"""The payload of the mutation of usage."""

from __future__ import annotations

import strawberry

from execution.declarations import at_most
from schema.core.errors import UserError
from schema.core.payloads import Payload, payload


@payload("The result of `recordUsage`.")
class RecordUsagePayload(Payload):
    recorded_count: int = strawberry.field(default=0, description="How many records were new and are now recorded.")
    repeated_count: int = strawberry.field(
        default=0, description="How many records were skipped, as repeats of recorded ones or of others in the batch."
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list,
        description="One error for each refused record, named by `path`; the first 1,000. Records that are neither "
        "refused nor repeats are recorded.",
        metadata=at_most(1_000),
    )
