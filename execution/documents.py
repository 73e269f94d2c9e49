"""Documents are parsed and validated once: a bounded cache by text and operation name."""

from __future__ import annotations

from collections import OrderedDict

import graphql
from graphql import GraphQLError

from execution.inputs import Inputs
from execution.limits import measure
from execution.nodes import nodes_of
from execution.plans import Plan

MAX_TOKENS = 10_000
MAX_ERRORS = 5
UNRESOLVED = "OPERATION_RESOLUTION_FAILURE"
CACHED = 1_000
"""How many documents are kept."""

CACHED_LENGTH = 20_000
"""Longer documents are not kept."""

CACHED_TEXT = 1_000_000
"""How many characters all kept documents have together; parsed, a character takes up to 60 bytes."""

MAX_SELECTIONS = 250
"""How many fields and fragments one selection set has at most: validation compares every two of them."""


class InvalidDocument(Exception):
    """The document can't be run; `errors` say why."""

    def __init__(self, errors: list[GraphQLError], code: str = "GRAPHQL_VALIDATION_FAILED") -> None:
        super().__init__()
        self.errors = errors
        for error in errors:
            error.extensions = {"code": code}


class Documents:
    """The plans of one schema."""

    def __init__(self, schema: graphql.GraphQLSchema) -> None:
        self._inputs = Inputs(schema)
        self._plans: OrderedDict[tuple[str, str | None], Plan] = OrderedDict()
        self._text = 0

    def __len__(self) -> int:
        return len(self._plans)

    def plan(self, query: str, operation_name: str | None, *, hide_suggestions: bool = False) -> Plan:
        """The plan of a document. Raises InvalidDocument; what is invalid is not kept."""
        key = (query, operation_name)
        plan = self._plans.get(key)
        if plan is not None:
            self._plans.move_to_end(key)
            return plan
        plan = self._make(query, operation_name, hide_suggestions=hide_suggestions)
        if len(query) <= CACHED_LENGTH:
            self._plans[key] = plan
            self._text += len(query)
            while len(self._plans) > CACHED or self._text > CACHED_TEXT:
                (dropped, _), _ = self._plans.popitem(last=False)
                self._text -= len(dropped)
        return plan

    def _make(self, query: str, operation_name: str | None, *, hide_suggestions: bool) -> Plan:
        try:
            document = graphql.parse(query, max_tokens=MAX_TOKENS)
        except GraphQLError as error:
            raise InvalidDocument([error], "GRAPHQL_PARSE_FAILED") from None
        except RecursionError:
            nested = GraphQLError("Syntax Error: The document is nested too deeply.")
            raise InvalidDocument([nested], "GRAPHQL_PARSE_FAILED") from None
        if any(len(node.selections) > MAX_SELECTIONS for node in nodes_of(graphql.SelectionSetNode, document)):
            wide = GraphQLError(f"A selection has over {MAX_SELECTIONS} fields.")
            raise InvalidDocument([wide])
        errors = graphql.validate(
            self._inputs.schema, document, max_errors=MAX_ERRORS, hide_suggestions=hide_suggestions
        )
        if errors:
            raise InvalidDocument(errors)
        operation = _operation(document, operation_name)
        cost, excesses = measure(self._inputs.schema, document, operation)
        if excesses:
            raise InvalidDocument(excesses)
        return Plan(self._inputs, document, operation, cost)


def _operation(document: graphql.DocumentNode, name: str | None) -> graphql.OperationDefinitionNode:
    operations = [node for node in document.definitions if isinstance(node, graphql.OperationDefinitionNode)]
    if name is None and len(operations) > 1:
        raise InvalidDocument(
            [GraphQLError("The document has several operations: name one in `operationName`.")], UNRESOLVED
        )
    for operation in operations:
        if name is None or (operation.name is not None and operation.name.value == name):
            return operation
    raise InvalidDocument([GraphQLError("The document has no such operation.")], UNRESOLVED)
