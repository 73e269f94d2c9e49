"""Two traced servers over copies of one database, and the spans that they export."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from execution.engine import ExecutionPath
from tests.api.execution_paths.paired_servers import PairedServers

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
