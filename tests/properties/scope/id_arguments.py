"""A place for an id, and the request that puts one there."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

Own = dict[str, str]


@dataclass(frozen=True)
class Slot:
    """A place for an id. `kind` is whose; `others` are the input's other values, read off what the caller owns."""

    place: str
    kind: str
    others: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)
    """What is added to make the request harmless to whom it is permitted."""
    code: str | None = None
    """The refusal that the harmless request then meets; None where it is answered."""
    root_only: bool = False
    access: bool = False
    """Only who manages access may see or change it."""
    noun: str = ""
    shows: str = ""
    """What the answer to who sees the thing holds, where that is not its id."""

    def arguments(self, wanted: str, own: Own, *, harmless: bool) -> dict[str, Any]:
        """The field's arguments with the id in its place."""
        arguments: dict[str, Any] = {}
        _, _, *path = self.place.split(".")
        inner = arguments.setdefault("input", {}) if path[0] == "input" else arguments
        inner |= {name: _wrap(name, own[kind]) for name, kind in self.others.items()} | deepcopy(self.values)
        if harmless:
            inner |= self.seen
        for name in path[:-1]:
            arguments = arguments.setdefault(name, {})
        name = path[-1]
        arguments[name] = _wrap(name, wanted)
        top = arguments if len(path) == 1 else None
        return top if top is not None else _rooted(path, arguments, inner)

    @property
    def error_path(self) -> list[str]:
        """Where a refusal says that the fault is."""
        path = self.place.split(".")[2:]
        return [*path, "0"] if path[-1].endswith("Ids") or path[-1] == "ids" else path


def _wrap(name: str, wanted: str) -> Any:
    return [wanted] if name in {"ids", "numberIds", "seriesIds", "organizationIds"} else wanted


def _rooted(path: list[str], innermost: dict[str, Any], inner: dict[str, Any]) -> dict[str, Any]:
    value: dict[str, Any] = innermost
    if path[0] == "input":
        return {"input": inner}
    for name in reversed(path[:-1]):
        value = {name: value}
    return value
