"""Requests generated from the schema, most of which something is wrong with: document, variables, headers, encoding."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import quote_from_bytes

import graphql

from tests.attacks.generated_values import ValueGenerator

FRAGMENTS = (
    *'{}()[]:!$@|&=#"\\,.',
    "...",
    '"""',
    "\ufeff",
    "\0",
    "\u202e",
    "\ud800",
    "é",
    "9" * 400,
    " __typename ",
    " on ",
    " ...F ",
    " @skip(if: true) ",
    " @include(if: $v0) ",
    " fragment F on Query { ...F __typename } ",
    " query Q { __typename } ",
    "\\uD83D\\uDE00",
    "{ a " * 30,
)
"""What is written into documents."""

BROKEN = (b"", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\0", b"NaN", b"[" * 2_000, b'"', b"\\u12")
"""What is written into bodies."""

HEADERS: dict[bytes, tuple[bytes, ...]] = {
    b"content-type": (
        b"application/json; charset=utf-8",
        b"application/json;charset=latin-1",
        b"text/plain",
        b"",
        b"\xff",
    ),
    b"accept": (b"application/graphql-response+json", b"*/*", b"text/html", b"\xff\xfe", b"a" * 9_000),
    b"authorization": (b"Bearer", b"Bearer ", b"bearer \xff", b"Basic YTpi", b"Bearer " + b"a" * 9_000, b"\0"),
    b"dialtree-organization": (
        b"",
        b"x",
        b"\xff",
        b"T3JnYW5pemF0aW9uOjE=",
        b"T3JnYW5pemF0aW9uOjk5OTk5OTk5OTk5OTk5OTk5OTk=",
    ),
    b"dialtree-cost": (b"1", b"2", b"\xff"),
    b"content-encoding": (b"gzip", b"identity", b"br, \xff"),
    b"accept-encoding": (b"gzip", b"gzip;q=0", b"\xff", b"," * 5_000),
    b"x-request-id": (b"ok", b"a\tb", b"\xff", b"a" * 9_000),
    b"host": (b"", b"evil.example.com", b"\xff", b"a:b:c"),
    b"x-forwarded-for": (b"1.2.3.4", b"\xff", b"::1, x"),
}


@dataclass(frozen=True)
class GeneratedRequest:
    """A request to `/graphql`."""

    method: str
    query_string: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes


class RequestGenerator:
    """Generates requests for one server, whose `tokens` and `ids` it knows."""

    def __init__(self, schema: graphql.GraphQLSchema, seed: int, *, tokens: Sequence[str], ids: Sequence[str]) -> None:
        self._schema = schema
        self._random = Random(seed)  # noqa: S311 - requests are no secrets
        self._values = ValueGenerator(self._random, ids)
        self._tokens = tokens
        self._variables: dict[str, Any] = {}
        self._types: list[str] = []

    def request(self) -> GeneratedRequest:
        """The next request."""
        random = self._random
        kind = random.choice(("query", "mutation"))
        body: Any = {"query": self._damaged(self._document(kind)), "variables": self._variables}
        if random.random() < 0.05:
            body[random.choice(("query", "variables", "operationName", "extensions"))] = self._values.value(_TEXT)
        method, query_string, headers = "POST", b"", self._headers()
        encoded = json.dumps(body, ensure_ascii=random.random() < 0.5).encode(errors="surrogatepass")
        if random.random() < 0.1:
            encoded = self._broken(encoded)
        if random.random() < 0.1:
            method = random.choice(("GET", "GET", "HEAD", "PUT"))
            parts = {"query": body["query"], "variables": json.dumps(body["variables"])}
            query_string = "&".join(
                f"{name}={quote_from_bytes(str(part).encode(errors='surrogatepass'))}" for name, part in parts.items()
            ).encode()
        return GeneratedRequest(method, query_string, headers, encoded)

    def _document(self, kind: str) -> str:
        self._variables, self._types = {}, []
        root = self._schema.query_type if kind == "query" else self._schema.mutation_type
        assert root is not None
        names = self._random.sample([*root.fields], self._random.choice((1, 1, 1, 2)))
        selections = " ".join(self._field(name, root.fields[name], depth=0) for name in names)
        types = f" ({' '.join(self._types)})" if self._types else ""
        return f"{kind}{types} {{ {selections} }}"

    def _field(self, name: str, field: graphql.GraphQLField, *, depth: int) -> str:
        arguments = []
        for argument, definition in field.args.items():
            if graphql.is_required_argument(definition) or self._random.random() < 0.3:
                variable = f"v{len(self._types)}"
                self._types.append(f"${variable}: {definition.type}")
                self._variables[variable] = self._values.value(definition.type)
                arguments.append(f"{argument}: ${variable}")
        written = f"({', '.join(arguments)})" if arguments else ""
        alias = f"a{self._random.randrange(1_000)}: " if self._random.random() < 0.3 else ""
        return f"{alias}{name}{written}{self._selection(graphql.get_named_type(field.type), depth)}"

    def _selection(self, type_: graphql.GraphQLNamedType, depth: int) -> str:
        if graphql.is_leaf_type(type_):
            return ""
        if graphql.is_abstract_type(type_):
            possible = self._random.choice(self._schema.get_possible_types(type_))
            return f" {{ __typename ... on {possible.name}{self._selection(possible, depth)} }}"
        assert graphql.is_object_type(type_)
        chosen = self._random.sample([*type_.fields.items()], min(len(type_.fields), self._random.randrange(1, 6)))
        inner = [
            self._field(name, field, depth=depth + 1)
            for name, field in chosen
            if depth < 3 or graphql.is_leaf_type(graphql.get_named_type(field.type))
        ]
        return f" {{ {' '.join(inner) or '__typename'} }}"

    def _damaged(self, document: str) -> str:
        """The document, often with something inserted, deleted or repeated."""
        while self._random.random() < 0.25:
            start = self._random.randrange(len(document) + 1)
            end = min(len(document), start + self._random.choice((0, 1, 5, 50)))
            middle = self._random.choice(("", document[start:end] * 2, self._random.choice(FRAGMENTS)))
            document = document[:start] + middle + document[end:]
        return document

    def _broken(self, body: bytes) -> bytes:
        """A body with bytes that are not UTF-8 or not JSON, or cut off."""
        start = self._random.randrange(len(body) + 1)
        inserted = self._random.choice(
            (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\0", b"NaN", b"[" * 2_000, b'"', b"\\u12", b"")
        )
        return body[:start] + inserted + (body[start:] if self._random.random() < 0.7 else b"")

    def _headers(self) -> list[tuple[bytes, bytes]]:
        headers = {b"host": b"dialtree.test", b"content-type": b"application/json"}
        if self._random.random() < 0.9:
            headers[b"authorization"] = f"Bearer {self._random.choice(self._tokens)}".encode()
        while self._random.random() < 0.25:
            name = self._random.choice([*HEADERS])
            headers[name] = self._random.choice(HEADERS[name])
        return [*headers.items()]


_TEXT = graphql.GraphQLString
