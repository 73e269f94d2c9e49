"""The base of what mutations return to the schema."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Self

import orjson

from domain.errors import LineReport, UserErrorCode


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationResult:
    """What a mutation changed, as ids and counts. The objects are read again when the response shows them."""

    def dump(self) -> str:
        """The result as JSON, as an idempotency key stores it."""
        return orjson.dumps(self).decode()

    @classmethod
    def load(cls, stored: dict[str, Any]) -> Self:
        """The result from stored JSON."""
        # A result that an earlier release has stored lacks the newer fields, which have defaults.
        values = {field.name: stored[field.name] for field in fields(cls) if field.name in stored}
        if "lines" in values:
            values["lines"] = [LineReport(**line | {"code": UserErrorCode(line["code"])}) for line in values["lines"]]
        return cls(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class UtilizationChanged(MutationResult):
    """The result of a change to utilization: the operation, and the organizations whose utilization changed."""

    organization_ids: list[int] = field(default_factory=list)
    organization_count: int = 0
    operation_id: int | None = None
    job_id: int | None = None
    """The job that will make the change, if the caller asked for one; then there is nothing else to tell yet."""

    def utilization(self) -> dict[str, Any]:
        """These fields by name, for the result of a mutation that this change is part of."""
        return {field.name: getattr(self, field.name) for field in fields(UtilizationChanged)}
