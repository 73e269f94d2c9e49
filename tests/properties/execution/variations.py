"""Other ways to send an operation, and operations that are a little different: the fuzzing of the corpus.

Most variations keep an operation valid. Its meaning does not matter, because both execution paths get the same text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from graphql import GraphQLSchema, parse, print_ast

from tests.properties.execution.corpus import Operation
from tests.properties.execution.document_positions import tidied
from tests.properties.execution.selection_variations import SELECTION_VARIATIONS, one_more_field
from tests.properties.execution.value_variations import VALUE_VARIATIONS
from tests.properties.execution.values import ValueGenerator
from tests.properties.execution.varied_operation import Draft, Variation

VARIATIONS: tuple[Variation, ...] = (*SELECTION_VARIATIONS, *VALUE_VARIATIONS)

GROWING: tuple[Variation, ...] = (*[one_more_field] * len(VARIATIONS), *VARIATIONS)
"""For an operation that asks for nothing yet."""


def varied(
    operation: Operation,
    schema: GraphQLSchema,
    generator: ValueGenerator,
    rng: Random,
    *,
    times: int,
    among: Sequence[Variation] | None = None,
) -> Operation:
    """The operation after so many variations."""
    draft = Draft(schema, generator, parse(operation.query), operation.operation_name, operation.variables or {})
    for _ in range(times):
        draft = rng.choice(among or VARIATIONS)(draft, rng) or draft
        # Read again, for a variation may have put one node at two places, and the next one means only one of them.
        draft = replace(draft, document=parse(print_ast(draft.document)))
    document = draft.document if not rng.randrange(20) else tidied(draft.document)
    return Operation(operation.name, print_ast(document), dict(draft.variables), operation.operation_name)
