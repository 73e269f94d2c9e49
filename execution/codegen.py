"""Write the source of a generated function and bind the values that it refers to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from execution import runtime

MAX_SOURCE_LENGTH = 80_000
"""Maximum length of a generated function: Python compiles about a kilobyte per millisecond, and no thread runs then."""


class Unsupported(Exception):
    """The compiler does not support a part of the operation."""


class CompiledOperation(NamedTuple):
    """A function and its source.

    Its arguments are the context, the variables, and for mutations the MutationState, for subscriptions the event.
    """

    run: Callable[..., Awaitable[dict[str, Any]]]
    source: str


class CodeWriter:
    """Collects the source and the namespace of one generated function."""

    def __init__(self) -> None:
        self._namespace: dict[str, Any] = dict(runtime.HELPERS)
        self._prologue: list[str] = []

    def name(self, prefix: str, value: Any = None) -> str:
        """A unique name, bound to the value in the namespace unless the generated code assigns it."""
        name = f"{prefix}_{len(self._namespace)}"
        self._namespace[name] = value
        return name

    def hoist(self, prefix: str, expression: str) -> str:
        """The name of an expression that is evaluated once, at the start of the function."""
        name = self.name(prefix)
        self._prologue.append(f"{name} = {expression}")
        return name

    def define_completer(self, name: str, expression: str) -> str:
        """Define an inner function `name(value, pending)` that returns the expression; return its name."""
        self._prologue.append(f"def {name}(value, pending):\n    return {indented(expression)}")
        return name

    def build(self, parameters: str, body: list[str]) -> CompiledOperation:
        """Compile the function with the given body. Raises Unsupported if it is too long."""
        lines = [f"async def run({parameters}):", *map(indented, (*self._prologue, *body))]
        source = "\n    ".join(lines) + "\n"
        if len(source) > MAX_SOURCE_LENGTH:
            raise Unsupported
        exec(compile(source, "<operation>", "exec"), self._namespace)  # noqa: S102 - from a validated document
        return CompiledOperation(self._namespace["run"], source)


def indented(source: str) -> str:
    """The text with all lines but the first indented by one level."""
    return source.replace("\n", "\n    ")
