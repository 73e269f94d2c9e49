"""One server for each road, over copies of one database: whatever is sent goes to both, and must get one answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import Any, Literal, TypeVar
from unittest.mock import patch

import orjson
from prometheus_client.parser import text_string_to_metric_families

from app.tracing import Tracing
from execution.engine import Engine, ExecutionPath
from tests.support.database_dump import dump
from tests.support.databases import Databases
from tests.support.outbox import mails
from tests.support.server import Server

T = TypeVar("T")


class Both:
    """A server that compiles nothing, and one that compiles every operation at once."""

    def __init__(self, plain: Server, compiled: Server, *, token: str) -> None:
        self._plain, self._compiled = plain, compiled
        self._token = token

    def each(self, work: Callable[[Server], T]) -> tuple[T, T]:
        """What the work gives on the one and on the other."""
        return work(self._plain), work(self._compiled)

    def alike(self, work: Callable[[Server], T]) -> T:
        """What the work gives on both."""
        plain, compiled = self.each(work)
        assert plain == compiled
        return plain

    def send(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        token: str | None,
        headers: Mapping[str, str] | None = None,
        road: ExecutionPath | None = ExecutionPath.COMPILED,
        method: Literal["GET", "POST"] = "POST",
    ) -> Any:
        """The one answer to an operation; the compiling server must have taken the road, or run nothing for None."""
        sent = dict(headers or {}) | ({} if token is None else {"Authorization": f"Bearer {token}"})
        body = {"query": query, "variables": variables}
        request: dict[str, Any] = {"json": body} if method == "POST" else {"params": {"query": query}}
        before = self.each(self.operations)

        def answer(server: Server) -> tuple[int, bytes, dict[str, str]]:
            response = server.run(server.client.request(method, "/graphql", headers=sent, **request))
            return response.status_code, response.content, dict(response.headers)

        status, content, _ = self.alike(answer)
        assert status == 200
        kind = "mutation" if query.lstrip().startswith("mutation") else "query"
        ran = [now - then for then, now in zip(before, self.each(self.operations), strict=True)]
        assert ran == ([{}, {}] if road is None else [{(kind, ExecutionPath.INTERPRETED): 1}, {(kind, road): 1}])
        return orjson.loads(content)

    def operations(self, server: Server) -> Counter[tuple[str, str]]:
        """How many operations a server has run, by kind and road."""
        return Counter(
            {
                (labels["kind"], labels["path"]): int(value)
                for name, labels, value in samples(server, self._token)
                if name == "dialtree_operations_total" and value
            }
        )

    def refused(self, query: str, variables: dict[str, Any] | None = None, **how: Any) -> Any:
        """The answer to an operation after which nothing is written and nothing mailed, on either road."""
        before = self.alike(dump)
        answer = self.send(query, variables, **how)
        assert self.alike(dump) == before
        assert self.alike(mails) == []
        return answer


def samples(server: Server, token: str) -> Iterator[tuple[str, dict[str, str], float]]:
    """What a server counts of itself."""
    response = server.run(server.client.get("/metrics", headers={"Authorization": f"Bearer {token}"}))
    assert response.status_code == 200
    for family in text_string_to_metric_families(response.text):
        for sample in family.samples:
            yield sample.name, sample.labels, sample.value


@contextmanager
def both(
    databases: Databases, url: str, *, token: str, traced_by: tuple[Tracing, Tracing] | None = None, **chosen: Any
) -> Iterator[Both]:
    """Both servers over copies of a database that nobody has open; `traced_by` for each of them."""
    with ExitStack() as stack:
        servers = []
        for compiled_after, tracing in zip((None, 0), traced_by or (None, None), strict=True):
            copy = databases.copy(url)
            stack.callback(databases.drop, copy)
            with patch("app.application.Engine", partial(Engine, compile_after=compiled_after)):
                servers.append(stack.enter_context(closing(Server(copy, traced_by=tracing, **chosen))))
        yield Both(*servers, token=token)
