"""Values for arguments of any type: fitting ones, and ones of a wrong type or size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import graphql

TEXTS = (
    "",
    " ",
    "a",
    "Acme",
    "Acme/Sales",
    "%_\\'\"",
    "\0",
    "\u202e",
    "\u0130stanbul",
    "e\u0301",
    "\U0001f4de",
    "\ud800",
    "+14185550100",
    "418 555-0101",
    "ada@example.com",
    "a@" + "b" * 300,
    "2026-11-21T00:00:00Z",
    "2026-02-30",
    "9999-12-31T23:59:60+23:59",
    "x" * 300,
    "1,2\n3;4\r\n",
    "=1+1",
)
NUMBERS = (-(2**63), -(2**31), -1, 0, 1, 2, 5, 20, 500, 501, 2**31 - 1, 2**31, 2**53, 2**63, 10**29, 1.5, -0.0, 1e308)
LARGE: tuple[Any, ...] = (
    "y" * 100_000,
    "1" * 5_000,
    10**40,
    ["+14185550100"] * 5_000,
    [{}] * 3_000,
    {f"k{n}": n for n in range(2_000)},
)
"""Each takes longer to read than all others together, so they are rare."""

WRONG: tuple[Any, ...] = (None, True, False, [], {}, [[]], [None], {"a": {}}, {"": None}, *NUMBERS, *TEXTS)


class ValueGenerator:
    """Generates values; `ids` are those of the inventory."""

    def __init__(self, random: Random, ids: Sequence[str]) -> None:
        self._random = random
        self._ids = ids

    def value(self, type_: graphql.GraphQLInputType) -> Any:
        """A value for a variable of that type, which fits mostly."""
        random = self._random
        if random.random() < 0.1:
            return random.choice(LARGE if random.random() < 0.03 else WRONG)
        if graphql.is_non_null_type(type_):
            return self.value(type_.of_type)
        if graphql.is_list_type(type_):
            return [self.value(type_.of_type) for _ in range(random.choice((0, 1, 1, 2, 3, 20)))]
        if graphql.is_input_object_type(type_):
            return self._object(type_.fields)
        return self._leaf(type_)

    def _object(self, fields: Mapping[str, graphql.GraphQLInputField]) -> dict[str, Any]:
        return {
            name: self.value(field.type)
            for name, field in fields.items()
            if self._random.random() < (0.98 if graphql.is_required_input_field(field) else 0.35)
        }

    def _leaf(self, type_: graphql.GraphQLInputType) -> Any:
        random = self._random
        if graphql.is_enum_type(type_):
            return random.choice([*type_.values])
        match graphql.get_named_type(type_).name:
            case "ID":
                return random.choice(self._ids)
            case "Int" | "Long" | "Float":
                return random.choice(NUMBERS)
            case "Boolean":
                return random.random() < 0.5
            case "E164":
                return f"+1418555{random.randrange(100, 160):04}"
            case _:
                return random.choice(TEXTS)
