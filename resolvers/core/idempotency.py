"""Fingerprints of inputs and stored refusals, for idempotency keys."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import orjson

from domain.errors import CLASSES, DialtreeError, LineReport, OffendingNumber, UserErrorCode
from domain.statuses import NumberAction, NumberStatus

MANY_ITEMS = 1_000
MANY_CHARACTERS = 100_000
"""The fingerprints of longer lists and texts are computed on a thread."""


_LATER_FIELDS = {"as_job": False, "upload_id": None}
"""Fields that commands got after an earlier release had stored fingerprints, with the values that change none."""


def dump_refusal(error: DialtreeError) -> dict[str, Any]:
    """A refusal as values for JSON."""
    return {
        "code": error.code.value,
        "message": error.message,
        "path": error.path,
        "refusals": [
            [r.number, int(r.status), [action.value for action in r.allowed]] for r in error.offending_numbers
        ],
        "numbers": error.numbers,
        "number_count": error.number_count,
        "lines": error.lines,
        "also": [dump_refusal(other) for other in error.also],
    }


def load_refusal(stored: dict[str, Any]) -> DialtreeError:
    """The refusal from stored values."""
    return CLASSES[UserErrorCode(stored["code"])](
        stored["message"],
        path=tuple(stored["path"]),
        offending_numbers=tuple(
            OffendingNumber(number, NumberStatus(status), tuple(NumberAction(action) for action in allowed))
            for number, status, allowed in stored["refusals"]
        ),
        numbers=tuple(stored["numbers"]),
        number_count=stored["number_count"],
        lines=tuple(LineReport(**line | {"code": UserErrorCode(line["code"])}) for line in stored["lines"]),
        also=tuple(load_refusal(other) for other in stored["also"]),
    )


def fingerprint(command: Any, *, acting_id: int) -> str:
    """A hash of the input: the command's type, its values except the key, and the acting organization."""
    values = {field.name: _json_values(getattr(command, field.name)) for field in fields(command)}
    del values["idempotency_key"]
    values = {name: value for name, value in values.items() if _LATER_FIELDS.get(name, ...) != value}
    body = orjson.dumps([type(command).__name__, acting_id, values], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(body).hexdigest()


async def fingerprint_large(command: Any, *, acting_id: int) -> str:
    """As `fingerprint`, but on a thread if the input has long lists or texts, which would hold the event loop."""
    if _is_large(command):
        return await asyncio.to_thread(fingerprint, command, acting_id=acting_id)
    return fingerprint(command, acting_id=acting_id)


def _is_large(value: Any) -> bool:
    if isinstance(value, tuple):
        return len(value) > MANY_ITEMS
    if isinstance(value, str):
        return len(value) > MANY_CHARACTERS
    return is_dataclass(value) and any(_is_large(getattr(value, field.name)) for field in fields(value))


def _json_values(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _json_values(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, list | tuple):
        return [_json_values(item) for item in value]
    return value.name if isinstance(value, Enum) else value
