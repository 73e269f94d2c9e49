"""Check that servers give equal answers, row by row and value by value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from benchmarks.contenders import Contender
from benchmarks.processes import BenchmarkError
from benchmarks.questions import Question, Sample
from schema.core import ids

ASKED = 20
"""Number of variable values that each operation is compared with."""


def check_equal(question: Question, contenders: Sequence[Contender], sample: Sample, *, tags: str) -> None:
    """Raise BenchmarkError if a server's answer differs from the first server's."""
    asked = [islice(question.variables(one.kind, sample, tags), ASKED) for one in contenders]
    for variables in zip(*asked, strict=True):
        answers = [
            canonical(contender.ask(question, own)) for contender, own in zip(contenders, variables, strict=True)
        ]
        for contender, answer in zip(contenders[1:], answers[1:], strict=True):
            for difference in islice(differences(answers[0], answer), 1):
                raise BenchmarkError(
                    f"{question.name} {variables[0]}: {difference} ({contenders[0].name}, {contender.name})"
                )


def canonical(value: Any, name: str = "") -> Any:
    """An answer without ids and cursors, whose form each server chooses."""
    if isinstance(value, dict):
        assert value.get("userErrors", []) == [], value
        return {key: canonical(inner, key) for key, inner in value.items() if key != "userErrors"}
    if isinstance(value, list):
        return [canonical(inner) for inner in value]
    if name == "id":
        return ids.row_id(value, "PhoneNumber") or int(value) if isinstance(value, str) else value
    if name == "endCursor":
        return bool(value)
    return value


def differences(first: Any, second: Any, path: str = "data") -> Iterator[str]:
    """The first difference of two canonical answers."""
    if isinstance(first, dict) and isinstance(second, dict):
        for key in sorted(first.keys() | second.keys()):
            if key not in first or key not in second:
                yield f"{path}.{key} is in one answer only"
            else:
                yield from differences(first[key], second[key], f"{path}.{key}")
    elif isinstance(first, list) and isinstance(second, list):
        if len(first) != len(second):
            yield f"{path} has {len(first)} and {len(second)} rows"
        for position, (one, other) in enumerate(zip(first, second, strict=False)):
            yield from differences(one, other, f"{path}[{position}]")
    elif first != second or type(first) is not type(second):
        yield f"{path} is {first!r} and {second!r}"
