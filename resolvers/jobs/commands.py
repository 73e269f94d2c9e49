"""Commands about jobs, and their result."""

from __future__ import annotations

from dataclasses import dataclass

from resolvers.core.results import MutationResult


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelJob:
    """Cancel a job that has not ended."""

    job_id: int
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCancelled(MutationResult):
    """The job that was, or is about to be, cancelled."""

    job_id: int
