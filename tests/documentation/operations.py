"""Runs the operations of a GraphQL block, and compares a response with the one that the guide shows."""

from __future__ import annotations

import json
import threading
from typing import Any

from graphql import OperationDefinitionNode, OperationType, parse

from tests.documentation.pages import Block
from tests.documentation.scene import PLACEHOLDER, Scene

ANYTHING = "…"
"""A text in a shown response that stands for any value."""


class OperationFailed(AssertionError):
    """An operation of the guide is refused, or its response differs from the shown one."""


def is_response(text: str) -> bool:
    """Whether a JSON block shows a response; otherwise it has the variables of the operation before it."""
    value = json.loads(text)
    return isinstance(value, dict) and bool({"data", "errors"} & value.keys())


def run_operation(block: Block, variables: Block | None, response: Block | None, scene: Scene) -> None:
    """Run an operation with its variables, and check its response. Raises OperationFailed."""
    [definition] = [node for node in parse(block.text).definitions if isinstance(node, OperationDefinitionNode)]
    given = _filled(json.loads(variables.text), scene) if variables else {}
    if definition.operation is OperationType.SUBSCRIPTION:
        answer = _first_event(block.text, given, scene)
    else:
        answer = scene.send(block.text, given)
    if response is not None:
        expected = json.loads(scene.filled(response.text))
        if not matches(expected, answer):
            raise OperationFailed(f"{response.place}: {answer} was answered")
    elif refusals := list(_refusals(answer)):
        raise OperationFailed(f"{block.place}: {refusals}")


def matches(expected: Any, actual: Any) -> bool:
    """Whether a response is the shown one, in which `…` stands for any value."""
    if expected == ANYTHING:
        return True
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(matches(expected[key], actual[key]) for key in expected)
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(matches, expected, actual))
    return bool(expected == actual)


def _refusals(answer: dict[str, Any]) -> list[Any]:
    data = answer.get("data") or {}
    refused = [error for value in data.values() if isinstance(value, dict) for error in value.get("userErrors", [])]
    return [*answer.get("errors", []), *refused, *([] if data else ["no data"])]


def _filled(value: Any, scene: Scene) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, scene) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, scene) for inner in value]
    return PLACEHOLDER.sub(lambda match: scene.value(match[1]), value) if isinstance(value, str) else value


def _first_event(query: str, variables: dict[str, Any], scene: Scene) -> dict[str, Any]:
    """Subscribe over server-sent events, change a number, and return the first event."""
    headers = {"Authorization": f"Bearer {scene.key}", "Accept": "text/event-stream"}
    body = {"query": query, "variables": variables}
    with scene.client.stream("POST", f"{scene.address}/graphql", json=body, headers=headers, timeout=10) as response:
        change = threading.Timer(0.3, scene.change_a_number)
        change.start()
        try:
            for line in response.iter_lines():
                if line.startswith("data: "):
                    event: dict[str, Any] = json.loads(line.removeprefix("data: "))
                    return event
        finally:
            change.join()
    raise OperationFailed(f"the subscription ended without an event: {query}")
