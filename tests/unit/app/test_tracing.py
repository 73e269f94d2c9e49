"""Enabling tracing: where spans are exported to, and the error if the packages are missing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from typer.testing import CliRunner

from app import settings
from app.command import main
from app.settings import SettingsError, load_settings
from app.tracing import Tracing
from tests.support.databases import Databases
from tests.support.server import opened

NOBODY = "http://127.0.0.1:9"


@contextmanager
def collector() -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    """The address of a trace collector, and the spans that it received."""
    taken: list[ExportTraceServiceRequest] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/v1/traces":
                taken.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Taking) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.server_address[1]}", taken
        finally:
            listening.shutdown()
            thread.join()


@pytest.mark.parametrize(("chosen", "name"), [(None, "dialtree"), ("numbers", "numbers")])
def test_spans_are_exported_to_the_configured_endpoint(
    databases: Databases, monkeypatch: pytest.MonkeyPatch, chosen: str | None, name: str
) -> None:
    if chosen is not None:
        monkeypatch.setenv("OTEL_SERVICE_NAME", chosen)
    with collector() as (address, taken):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        with opened(databases, traced_by=Tracing.exporting()) as server:
            assert server.ask("query Kind { __typename }", token=None) == {"__typename": "Query"}
        resources = [resource for request in taken for resource in request.resource_spans]
    names = {a.value.string_value for r in resources for a in r.resource.attributes if a.key == "service.name"}
    assert names == {name}
    spans = [span.name for r in resources for scope in r.scope_spans for span in scope.spans]
    assert sorted(spans) == ["POST /graphql", "query Kind"]


def test_an_unreachable_collector_does_not_affect_requests(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", NOBODY)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    with opened(databases, traced_by=Tracing.exporting()) as server:
        assert server.ask("{ __typename }", token=None) == {"__typename": "Query"}


def test_without_the_tracing_packages_the_server_stops_with_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIALTREE_TRACING", "on")
    assert load_settings().tracing == "on"
    monkeypatch.setattr(settings, "_TRACING_MODULES", ("opentelemetry.sdk", "nowhere.to.be.found"))
    sentence = (
        "DIALTREE_TRACING: packages are missing; install them with `make tracing` or `pip install '.[tracing]'` "
        "(the value is 'on')."
    )
    with pytest.raises(SettingsError) as fault:
        load_settings()
    assert str(fault.value) == sentence
    result = CliRunner().invoke(main, ["serve"])
    assert (result.exit_code, result.stderr) == (1, f"dialtree: {sentence}\n")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("DIALTREE_TRACING", "off")
    assert load_settings().tracing == "off"
