"""Parse and validate documents, and cache the prepared operations by text and operation name."""

from __future__ import annotations

import graphql
from cachetools import LRUCache
from graphql import GraphQLError

from execution.costs import MAX_DIGITS
from execution.inputs import InputTypes
from execution.limits import Limits
from execution.messages import shortened
from execution.nodes import nodes_of
from execution.operations import PreparedOperation

MAX_LENGTH = 1_000_000
MAX_TOKENS = 10_000
MAX_DEFINITIONS = 100
MAX_ERRORS = 5
MAX_COMPARISONS = 20_000
"""How much work validation spends on comparing fields that may overlap, in graphql-core's measure.

Fifty fragments that are spread at one place and share five fields take two thirds of it.
"""

MAX_CACHED_LENGTH = 20_000
"""Longer documents are not cached."""

MAX_CACHED_DOCUMENTS = 1_000
COUNTED_LENGTH = 1_000
"""The cache counts characters (a parsed character takes up to 60 bytes), and at least this many per document."""

UNRESOLVED = "OPERATION_RESOLUTION_FAILURE"


class InvalidDocument(Exception):
    """The document can't be executed; `errors` say why."""

    def __init__(self, errors: list[GraphQLError], code: str = "GRAPHQL_VALIDATION_FAILED") -> None:
        super().__init__()
        self.errors = errors
        for error in shortened(errors):
            error.extensions = {"code": code}


class OverlappingFieldsRule(graphql.validation.OverlappingFieldsCanBeMergedRule):
    """graphql-core's rule, which gives up earlier: pairs of fields may be many more than the fields."""

    def __init__(self, context: graphql.ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = MAX_COMPARISONS


RULES = tuple(
    OverlappingFieldsRule if rule is graphql.validation.OverlappingFieldsCanBeMergedRule else rule
    for rule in graphql.specified_rules
)


class DocumentCache:
    """Prepares the operations of one schema, and keeps the least recently used ones."""

    def __init__(self, schema: graphql.GraphQLSchema) -> None:
        self._types = InputTypes(schema)
        self._limits = Limits(schema)
        self._operations: LRUCache[tuple[str, str | None], PreparedOperation] = LRUCache(
            MAX_CACHED_DOCUMENTS * COUNTED_LENGTH, getsizeof=lambda operation: max(operation.length, COUNTED_LENGTH)
        )
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._operations)

    def find(self, query: str, operation_name: str | None) -> PreparedOperation | None:
        """The operation of a document, if it is kept."""
        operation = self._operations.get((query, operation_name))
        if operation is None:
            self.misses += 1
        else:
            self.hits += 1
        return operation

    def keep(self, query: str, operation_name: str | None, operation: PreparedOperation) -> None:
        """Keep an operation, unless its document is long."""
        if len(query) <= MAX_CACHED_LENGTH:
            self._operations[query, operation_name] = operation

    def prepare(self, query: str, operation_name: str | None, *, hide_suggestions: bool = False) -> PreparedOperation:
        """Parse and validate a document; the operation that was selected. Raises InvalidDocument.

        Takes long for a long document; may be called in another thread.
        """
        document = _parse(query)
        errors = graphql.validate(
            self._types.schema, document, RULES, max_errors=MAX_ERRORS, hide_suggestions=hide_suggestions
        )
        if errors:
            raise InvalidDocument([_plain(error) for error in errors])
        node = _select_operation(document, operation_name)
        cost, errors = self._limits.measure(document, node)
        if errors:
            raise InvalidDocument(errors)
        return PreparedOperation(self._types, document, node, cost=cost, length=len(query))


def _plain(error: GraphQLError) -> GraphQLError:
    """The error, in plain words if validation has given up."""
    if error.message != "Validation aborted.":
        return error
    return GraphQLError("The document is too complex: too many fields overlap, or fragments are nested too deeply.")


def _parse(query: str) -> graphql.DocumentNode:
    if len(query) > MAX_LENGTH:
        message = (
            f"The document has {len(query)} characters; the maximum is {MAX_LENGTH}. Send long values as variables."
        )
        raise InvalidDocument([GraphQLError(message)], "GRAPHQL_PARSE_FAILED")
    try:
        document = graphql.parse(query, max_tokens=MAX_TOKENS)
    except GraphQLError as error:
        raise InvalidDocument([error], "GRAPHQL_PARSE_FAILED") from None
    except RecursionError:
        nested = GraphQLError("Syntax Error: The document is nested too deeply.")
        raise InvalidDocument([nested], "GRAPHQL_PARSE_FAILED") from None
    if len(document.definitions) > MAX_DEFINITIONS:
        message = f"The document has {len(document.definitions)} definitions; the maximum is {MAX_DEFINITIONS}."
        raise InvalidDocument([GraphQLError(message)])
    for node in nodes_of(graphql.IntValueNode, document):
        if len(node.value) > MAX_DIGITS:
            message = f"An integer has {len(node.value)} digits; the maximum is {MAX_DIGITS}."
            raise InvalidDocument([GraphQLError(message, node)])
    return document


def _select_operation(document: graphql.DocumentNode, name: str | None) -> graphql.OperationDefinitionNode:
    operations = [node for node in document.definitions if isinstance(node, graphql.OperationDefinitionNode)]
    if name is None and len(operations) > 1:
        message = "The document has several operations: name one in `operationName`."
        raise InvalidDocument([GraphQLError(message)], UNRESOLVED)
    for operation in operations:
        if name is None or (operation.name is not None and operation.name.value == name):
            return operation
    raise InvalidDocument([GraphQLError("The document has no such operation.")], UNRESOLVED)
