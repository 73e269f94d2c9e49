"""The draft of a generated function: its text so far, and the values that its names stand for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from execution import runtime


class Unsupported(Exception):
    """The operation has something that is not compiled."""


class Program(NamedTuple):
    """A compiled operation: a function of the context, the variables and, for a mutation, its progress."""

    run: Callable[..., Awaitable[dict[str, Any]]]
    source: str


class CodeWriter:
    """One function on its way."""

    def __init__(self) -> None:
        self._names: dict[str, Any] = dict(runtime.HELPERS)
        self._before: list[str] = []

    def name(self, prefix: str, value: Any = None) -> str:
        """A name of its own for a value, or for one that the function makes."""
        name = f"{prefix}_{len(self._names)}"
        self._names[name] = value
        return name

    def once(self, prefix: str, expression: str) -> str:
        """The name of a value that the function works out before anything else."""
        name = self.name(prefix)
        self._before.append(f"{name} = {expression}")
        return name

    def define(self, name: str, expression: str) -> str:
        """A name for an expression over `value` and `pending`, an inner function of them."""
        self._before.append(f"def {name}(value, pending):\n    return {indented(expression)}")
        return name

    def program(self, parameters: str, body: list[str]) -> Program:
        """The program, given the lines of the function's body."""
        lines = [f"async def run({parameters}):", *map(indented, (*self._before, *body))]
        source = "\n    ".join(lines) + "\n"
        exec(compile(source, "<operation>", "exec"), self._names)  # noqa: S102 - generated from a validated document
        return Program(self._names["run"], source)


def indented(source: str) -> str:
    """A text with all lines but its first moved in."""
    return source.replace("\n", "\n    ")
