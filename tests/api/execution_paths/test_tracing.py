"""Traces are the same on both execution paths."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from opentelemetry.trace import SpanKind, StatusCode

from app.logs import JsonFormatter
from app.tracing import add_trace_id
from execution.engine import ExecutionPath
from tests.api.execution_paths.conftest import AVAILABLE, Bank
from tests.api.execution_paths.spans import Traced, described, fail, under
from tests.support.databases import Databases, by_default_on_postgresql

REPOSITORY = Path(__file__).parents[3]
TRACE, CALLER = 0x4BF92F3577B34DA6A3CE929D0E0E4736, 0x00F067AA0BA902B7
PARENT = {"traceparent": f"00-{TRACE:032x}-{CALLER:016x}-01"}
NUMBER = "query Who($number: E164!) { phoneNumber(number: $number) { number organization { name } } }"
RESERVE = """mutation ($ids: [ID!]!, $tag: String!) {
  reserveNumbers(input: { numberIds: $ids, tag: $tag }) { changedCount organizations { name } }
}"""


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
    # With an organization, it is not a single statement on PostgreSQL.
    query = RESERVE.replace("tag: $tag", f'tag: $tag, organizationId: "{bank.ids["Bank/Sales"]}"')
    traced.servers.send(query, {"ids": [bank.ids[AVAILABLE]], "tag": "desk"}, token=bank.owner)
    name, attributes, status, _ = described(traced.operations(), ExecutionPath.INTERPRETED, ExecutionPath.COMPILED)
    assert (name, attributes, status) == ("mutation", {"graphql.operation.type": "mutation"}, StatusCode.UNSET)
    for spans, operation in zip(traced.spans(), traced.operations(), strict=True):
        (transaction,) = [span for span in under(operation, spans) if span.name == "transaction"]
        assert transaction.parent == operation.context
        names = [span.name for span in under(transaction, spans)]
        assert {"lock tree", "SELECT"} <= set(names)


def test_an_invalid_operation_has_no_execution_path(traced: Traced, bank: Bank) -> None:
    traced.servers.send("query Q { nothing }", token=bank.owner, execution_path=None)
    for spans in traced.spans():
        (span,) = [span for span in spans if span.name == "GraphQL Operation"]
        assert (dict(span.attributes or {}), span.status.status_code) == (
            {"dialtree.errors": ("GRAPHQL_VALIDATION_FAILED",)},
            StatusCode.UNSET,
        )


def test_a_mutation_sent_by_get_has_no_error_status(traced: Traced, bank: Bank) -> None:
    traced.servers.send("mutation { __typename }", token=bank.owner, method="GET", execution_path=None)
    for spans in traced.spans():
        operation = spans[-2]
        assert (operation.name, operation.status.status_code) == ("GraphQL Operation", StatusCode.UNSET)
        assert operation.events == ()


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


@by_default_on_postgresql
def test_without_tracing_opentelemetry_is_not_imported(databases: Databases, bank: Bank, tmp_path: Path) -> None:
    url = databases.copy(bank.url)
    environment = {"DIALTREE_DATABASE_URL": url, "PYTHONPATH": str(REPOSITORY)}
    queries = ["{ organization { name } }", 'mutation { reserveNumbers(input: { tag: "" }) { changedCount } }']
    command = [sys.executable, "-c", OFF, bank.owner, *queries]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    databases.drop(url)
    read, refused = '{"data":{"organization":{"name":"Bank"}}}', '{"data":{"reserveNumbers":{"changedCount":0}}}'
    assert done.stdout.splitlines() == [read] * 3 + [refused] * 3 + ["[]"]
