"""The source of a small schema's Python module, drawn by the rng and written as Strawberry's users write theirs."""

from __future__ import annotations

import itertools
from random import Random

from tests.properties.execution.resolved_values import LEAVES, FieldResults

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

from tests.properties.execution.resolved_values import Even, Thing


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


def source(rng: Random, results: FieldResults) -> str:
    """The source; what its fields return is recorded in `results`."""
    kinds = [f"T{n}" for n in range(rng.choice((2, 3, 4, 5)))]
    interfaces = {f"I{n}": [kind for kind in kinds if rng.randrange(2)] for n in range(rng.randrange(3))}
    unions = {f"U{n}": rng.sample(kinds, rng.randrange(1, len(kinds) + 1)) for n in range(rng.randrange(3))}
    interfaces = {name: possible for name, possible in interfaces.items() if possible}
    if len(interfaces) > 1 and rng.randrange(2):
        interfaces["I0"] = sorted({*interfaces["I0"], *interfaces["I1"]})
        above = {"I1": ["I0"]}
    else:
        above = {}
    results.possible = {kind: [kind] for kind in kinds} | interfaces | unions
    writer = _Writer(rng, results)
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

    def __init__(self, rng: Random, results: FieldResults) -> None:
        self._dice = rng
        self._results = results
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
        self._results.returns[name] = returns
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
            self._results.returns[name] = "str"
            head, body = f"def {name}", [f"return repr(dict({given}))"]
            returns = "str"
        elif how == "change":
            given = ", ".join(f"{a}={a}" for a in arguments)
            head = f"async def {name}"
            body = [
                f"results.changes.append(repr(({name!r}, dict({given}))))",
                f"return await results.later({name!r}, None)",
            ]
        elif how == "async":
            head, body = f"async def {name}", [f"return await results.later({name!r}, {own})"]
        elif how == "awaitable":
            head, body = f"def {name}", [f"return results.later({name!r}, {own})"]
        else:
            head, body = f"def {name}", [f"return results.value({name!r}, {own})"]
        signature = ", ".join(["self", *(f"{a}: {_ARGUMENTS[a]}" for a in arguments)])
        return ["@strawberry.field", f"{head}({signature}) -> {returns}:", *(f"    {line}" for line in body)]

    def _arguments(self) -> list[str]:
        return sorted(self._dice.sample(list(_ARGUMENTS), self._dice.choice((0, 0, 1, 2, 3))))

    def _type(self, depth: int) -> str:
        """A type as Python writes it: nullable or not, a list or not, at every level."""
        nullable = " | None" if self._dice.randrange(2) else ""
        if depth and not self._dice.randrange(4):
            return f"list[{self._type(depth - 1)}]{nullable}"
        objects = list(self._results.possible)
        return self._dice.choice((*LEAVES, *objects, *objects)) + nullable
