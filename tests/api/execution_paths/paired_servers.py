"""Two servers over copies of one database, one per execution path; both must send the same response."""

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

REQUEST_ID = "the-same"
"""Of every request, so that equal responses are equal."""

T = TypeVar("T")


class PairedServers:
    """A server that compiles nothing, and one that compiles every operation on its first run."""

    def __init__(self, plain: Server, compiled: Server, *, token: str) -> None:
        self._plain, self._compiled = plain, compiled
        self._token = token

    def each(self, work: Callable[[Server], T]) -> tuple[T, T]:
        """Run the work on each server and return both results."""
        return work(self._plain), work(self._compiled)

    def alike(self, work: Callable[[Server], T]) -> T:
        """Run the work on each server and return the result, which must be the same."""
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
        execution_path: ExecutionPath | None = ExecutionPath.COMPILED,
        method: Literal["GET", "POST"] = "POST",
    ) -> Any:
        """Return the response; the compiling server must have used `execution_path` (None: it ran nothing)."""
        authorization = {} if token is None else {"Authorization": f"Bearer {token}"}
        sent = {"X-Request-Id": REQUEST_ID, **(headers or {}), **authorization}
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
        assert ran == (
            [{}, {}]
            if execution_path is None
            else [{(kind, ExecutionPath.INTERPRETED): 1}, {(kind, execution_path): 1}]
        )
        return orjson.loads(content)

    def operations(self, server: Server) -> Counter[tuple[str, str]]:
        """Return the number of operations that a server has run, by type and execution path."""
        return Counter(
            {
                (labels["kind"], labels["path"]): int(value)
                for name, labels, value in samples(server, self._token)
                if name == "dialtree_operations_total" and value
            }
        )

    def refused(self, query: str, variables: dict[str, Any] | None = None, **how: Any) -> Any:
        """Return the response to an operation; on both servers, nothing may be written or mailed."""
        before = self.alike(dump)
        answer = self.send(query, variables, **how)
        assert self.alike(dump) == before
        assert self.alike(mails) == []
        return answer


def samples(server: Server, token: str) -> Iterator[tuple[str, dict[str, str], float]]:
    """Return the samples of a server's metrics."""
    response = server.run(server.client.get("/metrics", headers={"Authorization": f"Bearer {token}"}))
    assert response.status_code == 200
    for family in text_string_to_metric_families(response.text):
        for sample in family.samples:
            yield sample.name, sample.labels, sample.value


@contextmanager
def paired_servers(
    databases: Databases, url: str, *, token: str, traced_by: tuple[Tracing, Tracing] | None = None, **chosen: Any
) -> Iterator[PairedServers]:
    """Start both servers over copies of a closed database; `traced_by` has the tracing of each."""
    # Their windows of a minute begin at different moments.
    chosen |= {"rate_limit": 0, "anonymous_rate_limit": 0}
    with ExitStack() as stack:
        servers = []
        for compile_after, tracing in zip((None, 0), traced_by or (None, None), strict=True):
            copy = databases.copy(url)
            stack.callback(databases.drop, copy)
            with patch("app.application.Engine", partial(Engine, compile_after=compile_after)):
                servers.append(stack.enter_context(closing(Server(copy, traced_by=tracing, **chosen))))
        yield PairedServers(*servers, token=token)
