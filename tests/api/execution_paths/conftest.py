"""A prepared database with its ids and keys, and both servers over copies of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.tracing import Tracing
from tests.api.execution_paths.paired_servers import PairedServers, paired_servers
from tests.api.execution_paths.spans import Traced
from tests.support.databases import Databases
from tests.support.inventory import Inventory
from tests.support.server import Server

AVAILABLE, ASSIGNED, OF_SALES = "+14185550100", "+14185550101", "+14185550102"
ADA = "ada@bank.test"
NUMBERS = f"""\
{AVAILABLE},+1 418,Bank,AVAILABLE,,,,
{ASSIGNED},+1 418,Bank,ASSIGNED,,Ada,Ling,{ADA}
{OF_SALES},+1 418,Bank/Sales,AVAILABLE,,,,
"""


@dataclass(frozen=True)
class Bank:
    """A filled database without open connections."""

    url: str
    owner: str
    viewer: str
    writer: str
    sales: str
    """The key of the owner of the organization below."""

    ids: dict[str, str]
    """Of numbers, by number, and of organizations, by path."""


@pytest.fixture(scope="module")
def bank(databases: Databases) -> Iterator[Bank]:
    url = databases.create()
    with closing(Server(url)) as server:
        bank = Inventory(server, "Bank\nBank/Sales\n", NUMBERS)
        ids = {number: bank.number(number) for number in (AVAILABLE, ASSIGNED, OF_SALES)}
        ids |= {path: bank.organization(path) for path in ("Bank", "Bank/Sales")}
        made = Bank(
            url,
            owner=bank.token(),
            viewer=bank.token(role="VIEWER"),
            writer=bank.token(role="USAGE_WRITER"),
            sales=bank.token("Bank/Sales"),
            ids=ids,
        )
    yield made
    databases.drop(url)


@pytest.fixture
def servers(databases: Databases, bank: Bank) -> Iterator[PairedServers]:
    """Start both servers as in production, without GraphiQL."""
    with paired_servers(databases, bank.url, token=bank.owner, graphiql="off") as made:
        yield made


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
