"""Traces are the same on both execution paths and contain nothing confidential."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from app.logs import JsonFormatter
from app.tracing import Tracing, add_trace_id
from execution.engine import ExecutionPath
from tests.api.execution_paths.conftest import ADA, ASSIGNED, AVAILABLE, Bank
from tests.api.execution_paths.paired_servers import PairedServers, paired_servers
from tests.support.databases import Databases

REPOSITORY = Path(__file__).parents[3]
TRACE, CALLER = 0x4BF92F3577B34DA6A3CE929D0E0E4736, 0x00F067AA0BA902B7
PARENT = {"traceparent": f"00-{TRACE:032x}-{CALLER:016x}-01"}
SECRET = "the secret of the database"
NUMBER = "query Who($number: E164!) { phoneNumber(number: $number) { number organization { name } } }"
RESERVE = """mutation ($ids: [ID!]!, $tag: String!) {
  reserveNumbers(input: { numberIds: $ids, tag: $tag }) { changedCount organizations { name } }
}"""


async def fail(*_arguments: Any, **_more: Any) -> None:
    raise RuntimeError(SECRET)


class Traced:
    """Both servers, and the spans that each has exported."""

    def __init__(self, servers: PairedServers, exporters: Sequence[InMemorySpanExporter]) -> None:
        self.servers = servers
        self._exporters = exporters

    def clear(self) -> None:
        for exporter in self._exporters:
            exporter.clear()

    def spans(self) -> list[list[ReadableSpan]]:
        """Return the spans of the interpreting server and of the compiling one, in the order in which they ended."""
        return [list(exporter.get_finished_spans()) for exporter in self._exporters]

    def operations(self) -> list[ReadableSpan]:
        """Return the one operation span of each server since they were cleared."""
        found = []
        for spans in self.spans():
            (operation,) = [span for span in spans if "graphql.operation.type" in (span.attributes or {})]
            found.append(operation)
        return found

    def text(self) -> str:
        """Return everything that was exported."""
        return "".join(span.to_json() for spans in self.spans() for span in spans)


@pytest.fixture
def traced(databases: Databases, bank: Bank) -> Iterator[Traced]:
    exporters = [InMemorySpanExporter(), InMemorySpanExporter()]
    tracings = []
    for exporter in exporters:
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        tracings.append(Tracing(provider))
    with paired_servers(
        databases, bank.url, token=bank.owner, traced_by=(tracings[0], tracings[1]), graphiql="off"
    ) as servers:
        made = Traced(servers, exporters)
        # The first use of a key is recorded in the background.
        servers.send("{ viewer { role } }", token=bank.owner)
        made.clear()
        yield made


def under(parent: ReadableSpan, spans: Sequence[ReadableSpan]) -> list[ReadableSpan]:
    """Return the descendants of a span."""
    found: list[ReadableSpan] = []
    for span in reversed(spans):
        if span.parent is not None and span.parent.span_id in {above.context.span_id for above in (parent, *found)}:
            found.append(span)
    return found[::-1]


def described(operations: Sequence[ReadableSpan], *paths: ExecutionPath) -> Any:
    """Return name, attributes and status of the operation spans, which may only differ in their execution path."""
    found = []
    for span, execution_path in zip(operations, paths, strict=True):
        attributes = dict(span.attributes or {})
        assert attributes.pop("dialtree.execution_path") == execution_path
        assert span.kind is SpanKind.SERVER
        found.append((span.name, attributes, span.status.status_code, span.status.description))
    assert found[0] == found[1]
    return found[0]


def test_spans_of_request_operation_and_statements_are_nested(traced: Traced, bank: Bank) -> None:
    traced.servers.send(NUMBER, {"number": AVAILABLE}, token=bank.owner, headers=PARENT)
    assert described(traced.operations(), ExecutionPath.INTERPRETED, ExecutionPath.COMPILED) == (
        "query Who",
        {"graphql.operation.type": "query", "graphql.operation.name": "Who"},
        StatusCode.UNSET,
        None,
    )
    for spans, operation in zip(traced.spans(), traced.operations(), strict=True):
        (request,) = [span for span in spans if span.name == "POST /graphql"]
        assert {span.context.trace_id for span in spans} == {TRACE}
        assert request.parent is not None
        assert (request.parent.span_id, request.kind) == (CALLER, SpanKind.SERVER)
        assert operation.parent == request.context
        (statement,) = under(operation, spans)
        attributes = dict(statement.attributes or {})
        text = str(attributes.pop("db.query.text"))
        assert text.startswith("SELECT ")
        assert "FROM phone_numbers" in text
        system = "postgresql" if "postgresql" in bank.url else "sqlite"
        assert attributes == {"db.system.name": system, "db.response.returned_rows": 1}
        assert (statement.name, statement.kind, statement.status.status_code) == (
            "SELECT",
            SpanKind.CLIENT,
            StatusCode.UNSET,
        )


def test_a_request_span_is_named_by_its_route(traced: Traced, bank: Bank) -> None:
    traced.servers.send("{ viewer { role } }", token=bank.owner, headers=PARENT)
    for server in traced.servers.each(lambda server: server):
        for path in ("/invitation?token=dti_abc", "/dti_abc", "/download/dti_abc?link=dti_abc", "/health/live"):
            server.run(server.client.get(path))
    for spans in traced.spans():
        requests = [span for span in spans if "http.request.method" in (span.attributes or {})]
        names = [span.name for span in requests]
        assert names == ["POST /graphql", "GET /invitation", "GET", "GET /download/{filename}"]
        for span in requests:
            attributes = dict(span.attributes or {})
            assert set(attributes) - {"http.route", "url.path"} == {
                "http.request.method",
                "http.response.status_code",
                "network.protocol.version",
                "server.address",
                "url.scheme",
            }
        assert [dict(span.attributes or {}).get("http.route") for span in requests] == [
            "/graphql",
            "/invitation",
            None,
            "/download/{filename}",
        ]
    assert "dti_abc" not in traced.text()


def test_a_transaction_spans_its_statements(traced: Traced, bank: Bank) -> None:
    traced.servers.send(RESERVE, {"ids": [bank.ids[AVAILABLE]], "tag": "desk"}, token=bank.owner)
    name, attributes, status, _ = described(traced.operations(), ExecutionPath.INTERPRETED, ExecutionPath.COMPILED)
    assert (name, attributes, status) == ("mutation", {"graphql.operation.type": "mutation"}, StatusCode.UNSET)
    for spans, operation in zip(traced.spans(), traced.operations(), strict=True):
        (transaction,) = [span for span in under(operation, spans) if span.name == "transaction"]
        assert transaction.parent == operation.context
        names = [span.name for span in under(transaction, spans)]
        assert {"lock tree", "INSERT"} <= set(names)


def test_a_refusal_is_recorded_without_error_status(traced: Traced, bank: Bank) -> None:
    traced.servers.refused(RESERVE, {"ids": [bank.ids[AVAILABLE]], "tag": " "}, token=bank.owner)
    name, attributes, status, _ = described(traced.operations(), ExecutionPath.INTERPRETED, ExecutionPath.COMPILED)
    assert (name, status) == ("mutation", StatusCode.UNSET)
    assert attributes == {"graphql.operation.type": "mutation", "dialtree.refusals": ("INVALID_INPUT",)}


@pytest.mark.parametrize(
    ("query", "variables", "code", "execution_path"),
    [
        (
            "query ($n: Int) { organizations(first: $n) { totalCount } }",
            {"n": "x"},
            "BAD_USER_INPUT",
            ExecutionPath.INTERPRETED,
        ),
        (
            "query ($n: Int) { organizations(first: $n) { totalCount } }",
            {"n": 501},
            "INVALID_INPUT",
            ExecutionPath.FALLBACK,
        ),
    ],
)
def test_a_client_error_is_recorded_without_error_status(
    traced: Traced, bank: Bank, query: str, variables: dict[str, Any], code: str, execution_path: ExecutionPath
) -> None:
    traced.servers.send(query, variables, token=bank.owner, execution_path=execution_path)
    name, attributes, status, _ = described(traced.operations(), ExecutionPath.INTERPRETED, execution_path)
    assert (name, status) == ("query", StatusCode.UNSET)
    assert attributes == {"graphql.operation.type": "query", "dialtree.errors": (code,)}
    assert [list(span.events) for span in traced.operations()] == [[], []]


def test_an_invalid_operation_has_no_execution_path(traced: Traced, bank: Bank) -> None:
    traced.servers.send("query Q { nothing }", token=bank.owner, execution_path=None)
    for spans in traced.spans():
        (span,) = [span for span in spans if span.name == "GraphQL Operation"]
        assert (dict(span.attributes or {}), span.status.status_code) == (
            {"dialtree.errors": ("GRAPHQL_VALIDATION_FAILED",)},
            StatusCode.UNSET,
        )


@pytest.mark.parametrize("kind", ["query", "mutation"])
def test_a_server_error_is_recorded_in_the_operation_span(
    traced: Traced, bank: Bank, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("resolvers.organizations.queries.organization_count", fail)
    monkeypatch.setattr("schema.organizations.payloads.load_existing", fail)
    query = "{ organizations { totalCount } }" if kind == "query" else RESERVE
    variables = None if kind == "query" else {"ids": [bank.ids[AVAILABLE]], "tag": "desk"}
    traced.servers.send(query, variables, token=bank.owner, execution_path=ExecutionPath.FALLBACK)
    assert described(traced.operations(), ExecutionPath.INTERPRETED, ExecutionPath.FALLBACK) == (
        kind,
        {
            "graphql.operation.type": kind,
            "dialtree.errors": ("INTERNAL_SERVER_ERROR",),
            "error.type": "builtins.RuntimeError",
        },
        StatusCode.ERROR,
        "INTERNAL_SERVER_ERROR",
    )
    for operation in traced.operations():
        (event,) = operation.events
        noted = dict(event.attributes or {})
        assert (event.name, noted.pop("exception.type")) == ("exception", "builtins.RuntimeError")
        assert "raise RuntimeError(SECRET)" in str(noted.pop("exception.stacktrace"))
        assert noted == {}
    assert SECRET not in traced.text()


def test_a_server_error_outside_of_fields_is_recorded_in_the_operation_span(
    traced: Traced, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_arguments: Any, **_more: Any) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("execution.documents.DocumentCache.prepare", break_down)
    traced.servers.alike(lambda server: server.execute("{ viewer { role } }", token=bank.owner))
    for spans in traced.spans():
        request, operation = spans[-1], spans[-2]
        assert (operation.name, operation.status.status_code) == ("GraphQL Operation", StatusCode.ERROR)
        assert [dict(event.attributes or {})["exception.type"] for event in operation.events] == [
            "builtins.RuntimeError"
        ]
        assert (request.name, request.status.status_code) == ("POST /graphql", StatusCode.ERROR)
    assert SECRET not in traced.text()


def test_a_server_error_before_the_operation_is_recorded_in_the_request_span(
    traced: Traced, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.endpoint.authenticate", fail)
    traced.servers.alike(lambda server: server.execute("{ viewer { role } }", token=bank.owner))
    for spans in traced.spans():
        (request,) = spans
        assert (request.name, request.status.status_code) == ("POST /graphql", StatusCode.ERROR)
        assert [dict(event.attributes or {})["exception.type"] for event in request.events] == ["builtins.RuntimeError"]
    assert SECRET not in traced.text()


def test_a_mutation_sent_by_get_has_no_error_status(traced: Traced, bank: Bank) -> None:
    traced.servers.send("mutation { __typename }", token=bank.owner, method="GET", execution_path=None)
    for spans in traced.spans():
        operation = spans[-2]
        assert (operation.name, operation.status.status_code) == ("GraphQL Operation", StatusCode.UNSET)
        assert operation.events == ()


def test_an_exception_in_a_request_sets_error_status(traced: Traced, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.pages.routes.acceptance.find_offer", fail)
    for server in traced.servers.each(lambda server: server):
        with pytest.raises(RuntimeError, match=SECRET):
            server.run(server.client.get("/invitation?token=dti_abc"))
    for spans in traced.spans():
        (span,) = spans
        assert (span.name, span.status.status_code) == ("GET /invitation", StatusCode.ERROR)
        assert dict(span.attributes or {})["http.response.status_code"] == 500
        assert [event.name for event in span.events] == ["exception"]
    assert SECRET not in traced.text()
    assert "dti_abc" not in traced.text()


def test_a_failed_statement_span_has_the_error_type_without_parameters(traced: Traced, bank: Bank) -> None:
    query = """mutation ($email: String!, $id: ID!) {
      inviteUser(input: { firstName: "Eve", lastName: "Hale", email: $email, numberId: $id }) { userErrors { code } }
    }"""
    found = traced.servers.refused(query, {"email": ADA, "id": bank.ids[AVAILABLE]}, token=bank.owner)
    assert found["data"]["inviteUser"]["userErrors"] == [{"code": "ALREADY_EXISTS"}]
    assert ADA not in traced.text()


def test_traces_contain_no_secrets(traced: Traced, bank: Bank) -> None:
    sign_in = """mutation SignIn($email: String!, $password: String!) {
      signIn(input: { email: $email, password: $password }) { userErrors { code } }
    }"""
    invite = """mutation Invite {
      inviteUser(input: { firstName: "Mallory", lastName: "Penhaligon", email: "mallory@bank.test" }) {
        user { id } userErrors { code }
      }
    }"""
    search = "query Find($text: String!) { phoneNumbers(filter: { text: $text }) { totalCount nodes { reservedTag } } }"
    servers = traced.servers
    servers.send(RESERVE, {"ids": [bank.ids[AVAILABLE]], "tag": "zanzibar"}, token=bank.owner)
    assert servers.send(search, {"text": "zanzibar"}, token=bank.owner)["data"]["phoneNumbers"]["totalCount"] == 1
    servers.send(NUMBER, {"number": ASSIGNED}, token=bank.owner, headers={"Cookie": "session=tamarind"})
    servers.send(f'query Get {{ phoneNumber(number: "{AVAILABLE}") {{ id }} }}', token=bank.owner, method="GET")
    servers.send(invite, token=bank.owner)
    servers.each(lambda server: server.execute(sign_in, {"email": ADA, "password": "correct horse"}, token=None))
    secrets = (
        bank.owner,
        "dtk_",
        "Bearer",
        "tamarind",
        "zanzibar",
        "correct horse",
        "Mallory",
        "Penhaligon",
        "bank.test",
        AVAILABLE,
        ASSIGNED,
        bank.ids[AVAILABLE],
    )
    text = traced.text()
    assert [secret for secret in secrets if secret in text] == []
    assert all(
        operation in text
        for operation in ("mutation SignIn", "mutation Invite", "query Find", "query Who", "query Get")
    )


def test_a_long_operation_name_is_truncated(traced: Traced, bank: Bank) -> None:
    traced.servers.send(f"query {'q' * 5000} {{ viewer {{ role }} }}", token=bank.owner)
    name, attributes, _, _ = described(traced.operations(), ExecutionPath.INTERPRETED, ExecutionPath.COMPILED)
    assert (name, attributes["graphql.operation.name"]) == (f"query {'q' * 100}", "q" * 100)


def test_an_unsampled_caller_trace_is_not_recorded(traced: Traced, bank: Bank) -> None:
    unsampled = {"traceparent": PARENT["traceparent"][:-1] + "0"}
    traced.servers.send(NUMBER, {"number": AVAILABLE}, token=bank.owner, headers=unsampled)
    for spans in traced.spans():
        assert TRACE not in {span.context.trace_id for span in spans}


def test_background_work_is_not_traced(traced: Traced) -> None:
    traced.clear()
    traced.servers.each(lambda server: server.tidy())
    assert traced.spans() == [[], []]


def test_a_log_record_has_the_trace_id(
    traced: Traced, bank: Bank, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("resolvers.organizations.queries.organization_count", fail)
    caplog.handler.addFilter(add_trace_id)
    try:
        traced.servers.send(
            "{ organizations { totalCount } }", token=bank.owner, headers=PARENT, execution_path=ExecutionPath.FALLBACK
        )
    finally:
        caplog.handler.removeFilter(add_trace_id)
    lines = [orjson.loads(JsonFormatter().format(record)) for record in caplog.records]
    assert [line["trace_id"] for line in lines if line["message"] == "a field failed"] == [f"{TRACE:032x}"] * 2


OFF = """
import asyncio, sys
import httpx
from app.serving import application

async def ask(token):
    served = application()
    async with served.router.lifespan_context(served):
        transport = httpx.ASGITransport(served)
        async with httpx.AsyncClient(transport=transport, base_url="http://dialtree.test") as client:
            for query in sys.argv[2:]:
                for _ in range(3):
                    headers = {"Authorization": f"Bearer {token}"}
                    response = await client.post("/graphql", json={"query": query}, headers=headers)
                    print(response.text)

asyncio.run(ask(sys.argv[1]))
print([name for name in sys.modules if name.startswith("opentelemetry")])
"""


def test_without_tracing_opentelemetry_is_not_imported(databases: Databases, bank: Bank, tmp_path: Path) -> None:
    url = databases.copy(bank.url)
    environment = {"DIALTREE_DATABASE_URL": url, "PYTHONPATH": str(REPOSITORY)}
    queries = ["{ organization { name } }", 'mutation { reserveNumbers(input: { tag: "" }) { changedCount } }']
    command = [sys.executable, "-c", OFF, bank.owner, *queries]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    databases.drop(url)
    read, refused = '{"data":{"organization":{"name":"Bank"}}}', '{"data":{"reserveNumbers":{"changedCount":0}}}'
    assert done.stdout.splitlines() == [read] * 3 + [refused] * 3 + ["[]"]
