"""Parse and validate documents, and cache the prepared operations by text and operation name."""

from __future__ import annotations

import graphql
from cachetools import LRUCache
from graphql import GraphQLError

from execution.inputs import InputTypes
from execution.limits import measure
from execution.nodes import nodes_of
from execution.operations import PreparedOperation

MAX_TOKENS = 10_000
MAX_ERRORS = 5
MAX_SELECTIONS = 250
"""Maximum fields and fragments of one selection set: validation compares each pair of them."""

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
        for error in errors:
            error.extensions = {"code": code}


class DocumentCache:
    """Prepares the operations of one schema, and keeps the least recently used ones."""

    def __init__(self, schema: graphql.GraphQLSchema) -> None:
        self._types = InputTypes(schema)
        self._operations: LRUCache[tuple[str, str | None], PreparedOperation] = LRUCache(
            MAX_CACHED_DOCUMENTS * COUNTED_LENGTH, getsizeof=lambda operation: max(operation.length, COUNTED_LENGTH)
        )
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._operations)

    def prepare(self, query: str, operation_name: str | None, *, hide_suggestions: bool = False) -> PreparedOperation:
        """The prepared operation of a document. Raises InvalidDocument; invalid documents are not cached."""
        key = (query, operation_name)
        operation = self._operations.get(key)
        if operation is not None:
            self.hits += 1
        else:
            self.misses += 1
            operation = self._prepare(query, operation_name, hide_suggestions=hide_suggestions)
            if len(query) <= MAX_CACHED_LENGTH:
                self._operations[key] = operation
        return operation

    def _prepare(self, query: str, operation_name: str | None, *, hide_suggestions: bool) -> PreparedOperation:
        document = _parse(query)
        errors = graphql.validate(
            self._types.schema, document, max_errors=MAX_ERRORS, hide_suggestions=hide_suggestions
        )
        if errors:
            raise InvalidDocument(errors)
        node = _select_operation(document, operation_name)
        cost, errors = measure(self._types.schema, document, node)
        if errors:
            raise InvalidDocument(errors)
        return PreparedOperation(self._types, document, node, cost=cost, length=len(query))


def _parse(query: str) -> graphql.DocumentNode:
    try:
        document = graphql.parse(query, max_tokens=MAX_TOKENS)
    except GraphQLError as error:
        raise InvalidDocument([error], "GRAPHQL_PARSE_FAILED") from None
    except RecursionError:
        nested = GraphQLError("Syntax Error: The document is nested too deeply.")
        raise InvalidDocument([nested], "GRAPHQL_PARSE_FAILED") from None
    if any(len(node.selections) > MAX_SELECTIONS for node in nodes_of(graphql.SelectionSetNode, document)):
        raise InvalidDocument([GraphQLError(f"A selection has over {MAX_SELECTIONS} fields.")])
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
