"""The base of what mutations return to the schema."""

from __future__ import annotations

from dataclasses import dataclass, fields
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
        values = {field.name: stored[field.name] for field in fields(cls)}
        if "lines" in values:
            values["lines"] = [LineReport(**line | {"code": UserErrorCode(line["code"])}) for line in values["lines"]]
        return cls(**values)
