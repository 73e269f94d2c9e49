"""Small schemas of every shape, written as Strawberry's users write theirs, and filled with values that may be wrong.

A schema is drawn by the dice and written as the source of a Python module: interfaces, unions, enums, scalars, input
objects with defaults and one-of inputs, lists of lists, null and non-null at every level, attributes, plain and async
resolvers. What a field of an object gives depends on the object and the field alone: mostly a value of the type, now
and then an error, a null, or something that does not belong there.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import types
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, NewType

import strawberry
from graphql import GraphQLError, GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.types.scalar import ScalarDefinition

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

_ARGUMENTS = {
    "a": "int = 3",
    "b": "int | None = strawberry.UNSET",
    "c": "Filter | None = strawberry.UNSET",
    "d": "list[Filter] | None = None",
    "e": "Color = Color.GREEN",
    "f": "float = 1.5",
    "g": "strawberry.ID | None = None",
    "h": "Even | None = strawberry.UNSET",
    "i": "bool = True",
    "j": "list[list[int | None]] | None = strawberry.UNSET",
    "k": "OneOf | None = None",
    "l": "str = 'ü'",
}
_HEAD = '''"""A synthetic schema."""

from __future__ import annotations

import enum
from typing import Annotated, Union

import strawberry

from tests.execution.synthetic import Even, Thing


@strawberry.enum
class Color(enum.Enum):
    RED = "red"
    GREEN = "green"
    BLUE = 3


@strawberry.input
class Filter:
    number: int = 5
    text: str | None = strawberry.UNSET
    numbers: list[int | None] | None = strawberry.field(default_factory=lambda: [1, 2])
    inside: Filter | None = None
    color: Color = Color.RED
    even: Even | None = strawberry.field(default=strawberry.UNSET, name="evenOne")
    required: bool


@strawberry.input(one_of=True)
class OneOf:
    number: int | None = strawberry.UNSET
    text: str | None = strawberry.UNSET
    filter: Filter | None = strawberry.UNSET
'''


class Thing:
    """An object of a schema: its type, and which one it is. Its attributes are values of its fields."""

    def __init__(self, world: World, kind: str, number: int) -> None:
        self.world = world
        self.kind = kind
        self.number = number

    def __getattr__(self, name: str) -> Any:
        if name not in self.world.returns:
            raise AttributeError(name)
        return self.world.value(name, self)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.number}>"


@dataclass
class World:
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
        dice = Random(zlib.crc32(f"{self.seed} {name} {number}".encode()))  # noqa: S311 - made-up data
        return self._made(self.returns[name], dice)

    async def later(self, name: str, thing: Thing | None) -> Any:
        """The same, after a while."""
        number = 0 if thing is None else thing.number
        for _ in range(zlib.crc32(f"{name} {number}".encode()) % 4):
            await asyncio.sleep(0)
        return self.value(name, thing)

    def _made(self, type_: str, dice: Random) -> Any:
        chance = dice.randrange(100)
        if chance < 2:
            raise RuntimeError("broken on purpose")
        if chance < 4:
            raise GraphQLError("told on purpose", extensions={"code": "TEAPOT"})
        if chance < 8:
            return None
        if chance < 10:
            return dice.choice(WRONG)
        if type_.endswith(" | None"):
            return self._made(type_.removesuffix(" | None"), dice) if dice.randrange(5) else None
        if type_.startswith("list["):
            items = [self._made(type_[5:-1], dice) for _ in range(dice.choice((1, 2, 0, 3)))]
            return dice.choice((list, list, list, tuple, iter))(items)
        if type_ in self.possible:
            kinds = [*self.possible[type_] * 10, "Nothing"]
            return Thing(self, dice.choice(kinds), dice.randrange(1000))
        return dice.choice(LEAVES[type_] or self.colors)


@dataclass(frozen=True)
class Synthetic:
    """A schema, what it gives, and how it is written."""

    schema: GraphQLSchema
    world: World
    source: str


_count = itertools.count()


@contextmanager
def synthetic(dice: Random) -> Iterator[Synthetic]:
    """A schema, as long as it is needed."""
    world = World(dice.randrange(10**6))
    source = _source(dice, world)
    name = f"synthetic_schema_{next(_count)}"
    module: Any = types.ModuleType(name)
    sys.modules[name] = module
    module.world = world
    try:
        exec(compile(source, name, "exec"), vars(module))  # noqa: S102 - it was written here
        world.colors = tuple(module.Color)
        built = strawberry.Schema(
            query=module.Query,
            mutation=module.Mutation,
            types=[getattr(module, kind) for kind in world.possible if kind.startswith("T")],
            config=StrawberryConfig(scalar_map={Even: _even()}),
        )
        yield Synthetic(built._schema, world, source)
    finally:
        del sys.modules[name]


def _even() -> ScalarDefinition:
    def checked(value: Any) -> Any:
        if not isinstance(value, int) or value % 2:
            message = f"{value!r} is not even."
            raise ValueError(message)
        return value

    return strawberry.scalar(name="Even", serialize=checked, parse_value=checked)


def _source(dice: Random, world: World) -> str:
    kinds = [f"T{n}" for n in range(dice.choice((2, 3, 4, 5)))]
    interfaces = {f"I{n}": [kind for kind in kinds if dice.randrange(2)] for n in range(dice.randrange(3))}
    unions = {f"U{n}": dice.sample(kinds, dice.randrange(1, len(kinds) + 1)) for n in range(dice.randrange(3))}
    interfaces = {name: possible for name, possible in interfaces.items() if possible}
    if len(interfaces) > 1 and dice.randrange(2):
        interfaces["I0"] = sorted({*interfaces["I0"], *interfaces["I1"]})
        above = {"I1": ["I0"]}
    else:
        above = {}
    world.possible = {kind: [kind] for kind in kinds} | interfaces | unions
    writer = _Writer(dice, world)
    parts = [_HEAD, *(writer.type_(name, "@strawberry.interface", above.get(name, [])) for name in interfaces)]
    for kind in kinds:
        bases = [name for name, possible in interfaces.items() if kind in possible]
        parts.append(writer.type_(kind, "@strawberry.type", bases[::-1]))
    for name, possible in unions.items():
        members = ", ".join(possible)
        parts.append(f'{name} = Annotated[Union[{members}], strawberry.union("{name}")]\n')
    parts.append(writer.type_("Query", "@strawberry.type", []))
    parts.append(writer.type_("Mutation", "@strawberry.type", []))
    return "\n\n".join(parts)


class _Writer:
    """Writes types with fields that have names of their own."""

    def __init__(self, dice: Random, world: World) -> None:
        self._dice = dice
        self._world = world
        self._names = (f"f{n}" for n in itertools.count())

    def type_(self, name: str, decorator: str, bases: list[str]) -> str:
        """A class."""
        above = f"({', '.join(bases)})" if bases else ""
        lines = [decorator, f"class {name}{above}:"]
        if name.startswith("T"):
            lines += [
                "    @classmethod",
                "    def is_type_of(cls, value, _info):",
                f"        return isinstance(value, Thing) and value.kind == {name!r}",
            ]
        for _ in range(self._dice.choice((2, 3, 4, 5))):
            lines += [f"    {line}" for line in self._field(name)]
        return "\n".join(lines) + "\n"

    def _field(self, owner: str) -> list[str]:
        name, returns = next(self._names), self._type(3)
        self._world.returns[name] = returns
        root = owner in {"Query", "Mutation"}
        how = self._dice.choice(("plain", "async", "awaitable", "echo", *([] if root else ["attribute"] * 4)))
        if owner == "Mutation":
            how = "change"
        if how == "attribute":
            return [f"{name}: {returns}"]
        arguments = self._arguments()
        own = "None" if root else "self"
        if how == "echo":
            given = ", ".join(f"{a}={a}" for a in arguments)
            self._world.returns[name] = "str"
            head, body = f"def {name}", [f"return repr(dict({given}))"]
            returns = "str"
        elif how == "change":
            given = ", ".join(f"{a}={a}" for a in arguments)
            head = f"async def {name}"
            body = [
                f"world.changes.append(repr(({name!r}, dict({given}))))",
                f"return await world.later({name!r}, None)",
            ]
        elif how == "async":
            head, body = f"async def {name}", [f"return await world.later({name!r}, {own})"]
        elif how == "awaitable":
            head, body = f"def {name}", [f"return world.later({name!r}, {own})"]
        else:
            head, body = f"def {name}", [f"return world.value({name!r}, {own})"]
        signature = ", ".join(["self", *(f"{a}: {_ARGUMENTS[a]}" for a in arguments)])
        return ["@strawberry.field", f"{head}({signature}) -> {returns}:", *(f"    {line}" for line in body)]

    def _arguments(self) -> list[str]:
        return sorted(self._dice.sample(list(_ARGUMENTS), self._dice.choice((0, 0, 1, 2, 3))))

    def _type(self, depth: int) -> str:
        """A type as Python writes it: nullable or not, a list or not, at every level."""
        nullable = " | None" if self._dice.randrange(2) else ""
        if depth and not self._dice.randrange(4):
            return f"list[{self._type(depth - 1)}]{nullable}"
        objects = list(self._world.possible)
        return self._dice.choice((*LEAVES, *objects, *objects)) + nullable
