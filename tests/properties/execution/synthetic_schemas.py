"""Small schemas of every shape.

They have interfaces, unions, enums, scalars, input objects with defaults, one-of inputs, lists of lists, null and
non-null at every level, attributes, plain and async resolvers.
"""

from __future__ import annotations

import itertools
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.types.scalar import ScalarDefinition

from tests.properties.execution.resolved_values import Even, FieldResults
from tests.properties.execution.schema_sources import source


@dataclass(frozen=True)
class Synthetic:
    """A schema, what it gives, and how it is written."""

    schema: GraphQLSchema
    results: FieldResults
    source: str


_count = itertools.count()


@contextmanager
def synthetic(rng: Random) -> Iterator[Synthetic]:
    """A schema, as long as it is needed."""
    results = FieldResults(rng.randrange(10**6))
    text = source(rng, results)
    name = f"synthetic_schema_{next(_count)}"
    module: Any = types.ModuleType(name)
    sys.modules[name] = module
    module.results = results
    try:
        exec(compile(text, name, "exec"), vars(module))  # noqa: S102 - it was written here
        results.colors = tuple(module.Color)
        built = strawberry.Schema(
            query=module.Query,
            mutation=module.Mutation,
            types=[getattr(module, kind) for kind in results.possible if kind.startswith("T")],
            config=StrawberryConfig(scalar_map={Even: _even()}),
        )
        yield Synthetic(built._schema, results, text)
    finally:
        del sys.modules[name]


def _even() -> ScalarDefinition:
    def checked(value: Any) -> Any:
        if not isinstance(value, int) or value % 2:
            raise ValueError(f"{value!r} is not even.")
        return value

    return strawberry.scalar(name="Even", serialize=checked, parse_value=checked)
