"""Inputs of the mutations of jobs."""

from __future__ import annotations

import strawberry

from resolvers.jobs.commands import CancelJob
from schema.core.inputs import Input, key_field, required


@strawberry.input(description="The job to cancel.")
class CancelJobInput(Input[CancelJob]):
    job_id: strawberry.ID = required("A job that has not ended.", id_of="Job")
    idempotency_key: str | None = key_field()
