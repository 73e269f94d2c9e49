"""Random valid queries of a schema, and random changes to them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import graphql

T = TypeVar("T")

MAX_DEPTH = 7
PAGE_SIZES = (1, 25, 100, 500, 500)

ROOTS = {
    "organizations": "Organization",
    "phoneNumbers": "PhoneNumber",
    "users": "User",
    "series": "Series",
    "administrators": "Administrator",
    "mailDeliveries": "MailDelivery",
}
"""The root fields whose pages have many rows of a type."""

LITERALS: Mapping[str, Sequence[str]] = {
    "PhoneNumberFilter": (
        '{text: "1"}',
        '{text: "555"}',
        '{text: "sa"}',
        "{statuses: [AVAILABLE, RESERVED, ASSIGNED, IN_USE]}",
        "{includeDescendants: true}",
        "{}",
    ),
    "UserFilter": ('{text: "a"}', '{text: "example"}', "{includeDescendants: true}", "{withNumber: true}", "{}"),
    "PhoneNumberOrder": tuple(
        f"{{field: {name}, direction: {direction}}}"
        for name in ("NUMBER", "STATUS", "SERIES", "ORGANIZATION")
        for direction in ("ASC", "DESC")
    ),
    "UserOrder": tuple(
        f"{{field: {name}, direction: DESC}}" for name in ("NAME", "EMAIL", "STATUS", "ORGANIZATION", "NUMBER")
    ),
    "Date": ('"2026-11-01"', '"2026-11-30"'),
    "E164": ('"+12015550100"', '"nonsense"'),
    "String": ('"Unit"', '"1"', '""', '"%_"'),
    "Boolean": ("true", "false"),
}


@dataclass(slots=True)
class Selected:
    """A selected field; `of` is the type that the fields below it belong to."""

    name: str
    arguments: str
    of: str | None
    is_abstract: bool = False
    below: list[Selected] = field(default_factory=list)

    def copy(self) -> Selected:
        """Copy the field with everything below it."""
        return replace(self, below=[child.copy() for child in self.below])

    def walk(self) -> Iterator[Selected]:
        """The field and all fields below it."""
        yield self
        for child in self.below:
            yield from child.walk()


def text_of(fields: Sequence[Selected]) -> str:
    """The source text; repeated fields get aliases."""
    seen: dict[str, int] = {}
    parts = []
    for selected in fields:
        count = seen[selected.name] = seen.get(selected.name, 0) + 1
        alias = f"{selected.name}{count}: " if count > 1 else ""
        below = text_of(selected.below) if selected.of else ""
        if selected.is_abstract:
            below = f"{{ ... on {selected.of} {below} }}"
        parts.append(f"{alias}{selected.name}{selected.arguments}{' ' if below else ''}{below}")
    return f"{{ {' '.join(parts)} }}"


def _nested(path: Sequence[Selected]) -> Selected:
    """A query that selects each field of a path below the one before it."""
    root = inner = Selected("", "", "Query")
    for selected in path:
        inner.below.append(selected.copy())
        inner = inner.below[-1]
    return root


class Generator:
    """Generates queries from a seed. `ids` has the global ids of some objects by type."""

    def __init__(self, schema: graphql.GraphQLSchema, ids: Mapping[str, Sequence[str]], *, seed: int) -> None:
        self._schema = schema
        self._ids = ids
        self._random = random.Random(seed)  # noqa: S311 - a search, not a secret

    def every_field(self) -> Iterator[Selected]:
        """A query for each field of each object type below a page, with 500 rows of the page."""
        paths: dict[str, tuple[Selected, ...]] = {}
        for root, of in ROOTS.items():
            nodes = Selected("nodes", "", of)
            paths[of] = (Selected(root, "(first: 500)", f"{of}Connection"), nodes)
        waiting = list(paths)
        for parent in waiting:
            type_: Any = self._schema.type_map[parent]
            for name, definition in type_.fields.items():
                returned = graphql.get_named_type(definition.type)
                below = None if graphql.is_leaf_type(returned) else returned.name
                last = Selected(name, self._arguments(definition, below), below)
                if below:
                    last.below.append(Selected("__typename", "", None))
                    if below not in paths and len(paths[parent]) < MAX_DEPTH:
                        paths[below] = (*paths[parent], Selected(name, last.arguments, below))
                        waiting.append(below)
                yield _nested((*paths[parent], last))

    def query(self) -> Selected:
        """A random query: a field without a name that holds the root fields."""
        root = Selected("", "", "Query")
        self._fill(root, depth=0)
        return root

    def choice(self, candidates: Sequence[T]) -> T:
        """One of some candidates."""
        return self._random.choice(candidates)

    def changed(self, query: Selected) -> Selected:
        """A copy of a query with one random change."""
        root = query.copy()
        inner = [selected for selected in root.walk() if selected.of]
        place = self._random.choice(inner)
        change = self._random.choices(("add", "repeat", "remove", "replace"), (6, 5, 4, 5))[0]
        if change == "add" or not place.below:
            place.below.append(self._field(place.of, depth=MAX_DEPTH - 2))
        elif change == "repeat":
            place.below += [self._random.choice(place.below).copy() for _ in range(self._random.choice((1, 3, 9)))]
        elif change == "remove":
            place.below.pop(self._random.randrange(len(place.below)))
        else:
            index = self._random.randrange(len(place.below))
            place.below[index] = self._field(place.of, depth=MAX_DEPTH - 3)
        for selected in [selected for selected in root.walk() if selected.of and not selected.below]:
            selected.below.append(Selected("__typename", "", None))
        return root

    def _fill(self, selected: Selected, *, depth: int) -> None:
        for _ in range(self._random.choice((1, 1, 2, 3))):
            selected.below.append(self._field(selected.of, depth=depth))

    def _field(self, parent: str | None, *, depth: int) -> Selected:
        type_: Any = self._schema.type_map[parent or "Query"]
        names = list(type_.fields)
        if depth >= MAX_DEPTH:
            names = [name for name in names if graphql.is_leaf_type(graphql.get_named_type(type_.fields[name].type))]
        if not names:
            return Selected("__typename", "", None)
        name = self._random.choice(names)
        definition = type_.fields[name]
        returned = graphql.get_named_type(definition.type)
        if graphql.is_leaf_type(returned):
            return Selected(name, self._arguments(definition, None), None)
        abstract = graphql.is_abstract_type(returned)
        of = self._random.choice(sorted(self._ids)) if abstract else returned.name
        selected = Selected(name, self._arguments(definition, of), of, is_abstract=abstract)
        self._fill(selected, depth=depth + 1)
        return selected

    def _arguments(self, definition: graphql.GraphQLField, of: str | None) -> str:
        values = {}
        for name, argument in definition.args.items():
            needed = isinstance(argument.type, graphql.GraphQLNonNull)
            if needed or (name != "last" and self._random.random() < (0.9 if name == "first" else 0.4)):
                value = self._value(name, argument.type, of)
                if value is not None:
                    values[name] = value
        return f"({', '.join(f'{name}: {value}' for name, value in values.items())})" if values else ""

    def _value(self, name: str, type_: Any, of: str | None) -> str | None:
        if name == "first":
            return str(self._random.choice(PAGE_SIZES))
        if name in {"after", "before"}:
            return None
        named: Any = graphql.get_named_type(type_)
        if named.name == "ID":
            ids = self._ids.get(of or "", ()) or self._ids["Organization"]
            if name == "ids":
                count = min(len(ids), self._random.choice(PAGE_SIZES))
                return f"[{', '.join(f'{chr(34)}{id_}{chr(34)}' for id_ in self._random.sample(list(ids), count))}]"
            return f'"{self._random.choice(ids)}"'
        if isinstance(named, graphql.GraphQLEnumType):
            values: list[str] = sorted(named.values)
            return self._random.choice(values)
        return self._random.choice(LITERALS.get(named.name, ("null",)))
