"""What the fields of a small schema give: mostly a value of the type, now and then an error, a null, or a stranger.

It depends on the object and the field alone.
"""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import dataclass, field
from random import Random
from typing import Any, NewType

from graphql import GraphQLError

Even = NewType("Even", int)

LEAVES = {
    "int": (1, -5, 2**31 - 1, 7, 0),
    "str": ("a", "", "ünï \u2028 'quoted'", "b"),
    "float": (1.5, 2, -0.0, 1e300),
    "bool": (True, False),
    "strawberry.ID": ("x1", 17),
    "Even": (2, 4, 0),
    "Color": None,
}
WRONG: tuple[Any, ...] = (2**40, "text", 1.5, 3, float("nan"), [], ["a"], {"a": 1}, b"bytes", True, LookupError())


class Thing:
    """An object of a schema: its type, and which one it is. Its attributes are values of its fields."""

    def __init__(self, results: FieldResults, kind: str, number: int) -> None:
        self.results = results
        self.kind = kind
        self.number = number

    def __getattr__(self, name: str) -> Any:
        if name not in self.results.returns:
            raise AttributeError(name)
        return self.results.value(name, self)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.number}>"


@dataclass
class FieldResults:
    """What a schema's fields are, and what they give."""

    seed: int
    returns: dict[str, str] = field(default_factory=dict)
    possible: dict[str, list[str]] = field(default_factory=dict)
    colors: tuple[Any, ...] = ()
    changes: list[str] = field(default_factory=list)
    """What mutations did."""

    def value(self, name: str, thing: Thing | None) -> Any:
        """What a field of an object gives. Raises what it may raise."""
        number = 0 if thing is None else thing.number
        rng = Random(zlib.crc32(f"{self.seed} {name} {number}".encode()))  # noqa: S311 - made-up data
        return self._made(self.returns[name], rng)

    async def later(self, name: str, thing: Thing | None) -> Any:
        """The same, after a while."""
        number = 0 if thing is None else thing.number
        for _ in range(zlib.crc32(f"{name} {number}".encode()) % 4):
            await asyncio.sleep(0)
        return self.value(name, thing)

    def _made(self, type_: str, rng: Random) -> Any:
        chance = rng.randrange(100)
        if chance < 2:
            raise RuntimeError("broken on purpose")
        if chance < 4:
            raise GraphQLError("told on purpose", extensions={"code": "TEAPOT"})
        if chance < 8:
            return None
        if chance < 10:
            return rng.choice(WRONG)
        if type_.endswith(" | None"):
            return self._made(type_.removesuffix(" | None"), rng) if rng.randrange(5) else None
        if type_.startswith("list["):
            items = [self._made(type_[5:-1], rng) for _ in range(rng.choice((1, 2, 0, 3)))]
            return rng.choice((list, list, list, tuple, iter))(items)
        if type_ in self.possible:
            kinds = [*self.possible[type_] * 10, "Nothing"]
            return Thing(self, rng.choice(kinds), rng.randrange(1000))
        return rng.choice(LEAVES[type_] or self.colors)
