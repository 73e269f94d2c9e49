"""When two answers say the same although they are not equal.

Where several fields under one nullable place fail, GraphQL leaves open which of the errors is told, and in which order
errors stand: it depends on which resolver comes first. Everything else is settled: the data, and of every place that
an error made null, that it did.
"""

from __future__ import annotations

from typing import Any

import orjson

from tests.differential.roads import Answer


def alike(left: Answer, right: Answer) -> bool:
    """Whether two answers differ only in which of several errors at the same place is told, and in their order."""
    if left.failure is not None or right.failure is not None:
        return False
    one, other = orjson.loads(left.body), orjson.loads(right.body)
    if orjson.dumps(one.get("data")) != orjson.dumps(other.get("data")) or "errors" not in one or "errors" not in other:
        return False
    mine, theirs = _by_place(one), _by_place(other)
    if mine.keys() != theirs.keys():
        return False
    for place, errors in mine.items():
        told = {orjson.dumps(error["path"]): error for error in errors}
        if any(told.get(orjson.dumps(error["path"]), error) != error for error in theirs[place]):
            return False
    return True


def _by_place(answer: dict[str, Any]) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    """The errors by the place in the data that each of them made null."""
    places: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for error in answer["errors"]:
        if "path" not in error:
            return {}
        places.setdefault(_nulled(answer["data"], error["path"]), []).append(error)
    return places


def _nulled(data: Any, path: list[Any]) -> tuple[Any, ...]:
    for depth, key in enumerate(path):
        if data is None:
            return tuple(path[:depth])
        data = data[key]
    return tuple(path)
