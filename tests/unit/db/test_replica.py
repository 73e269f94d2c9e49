"""Queries read on a replica what was committed before them; everything else is done on the primary."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import text

from app.settings import SettingsError, load_settings
from db.core.statements import Statement
from tests.support.databases import PostgresDatabases
from tests.support.postgres import PostgresServer, postgres_server, replica_server
from tests.support.server import Server

NAME = "{ organization { name } }"
RENAME = """mutation ($input: UpdateOrganizationInput!) {
  updateOrganization(input: $input) { organization { name } userErrors { code } }
}"""


@pytest.fixture
def bank(postgres: PostgresServer) -> Iterator[tuple[Server, str]]:
    """A server with a "replica" that is a copy and never changes, so that answers tell where they were read."""
    databases = PostgresDatabases(postgres)
    urls = [databases.create(), databases.create()]
    for url, name in zip(urls, ("Bank", "Bank on the replica"), strict=True):
        with closing(Server(url)) as server:
            server.import_organizations(f"path,time_zone,threshold\n{name},,\n")
    with closing(Server(urls[0], replica_url=urls[1])) as server:
        yield server, server.create_key(organization="Bank", role="OWNER")
    for url in urls:
        databases.drop(url)


def _id(server: Server, token: str) -> str:
    found: str = server.ask("{ organization { id } }", token=token)["organization"]["id"]
    return found


def test_queries_read_on_the_replica_and_mutations_on_the_primary(bank: tuple[Server, str]) -> None:
    server, token = bank
    assert server.ask(NAME, token=token) == {"organization": {"name": "Bank on the replica"}}
    change = {"input": {"organizationId": _id(server, token), "region": "GB"}}
    assert server.ask(RENAME, change, token=token)["updateOrganization"]["organization"] == {"name": "Bank"}


@pytest.mark.parametrize("problem", ["behind", "away"])
def test_queries_read_on_the_primary_while_the_replica_is_behind_or_away(
    bank: tuple[Server, str], monkeypatch: pytest.MonkeyPatch, problem: str
) -> None:
    server, token = bank
    position = {"behind": "0::bigint", "away": "pg_terminate_backend(pg_backend_pid())::int"}[problem]
    monkeypatch.setattr("db.core.replica._REPLAYED", Statement(text(f"SELECT {position}")))
    assert server.ask(NAME, token=token) == {"organization": {"name": "Bank"}}
    assert server.ask(NAME, token=token) == {"organization": {"name": "Bank"}}


@pytest.mark.parametrize(
    ("suffix", "message"),
    [
        ("_lost", 'database "{name}_lost" does not exist'),
        ("?colour=red", 'unrecognized configuration parameter "colour"'),
        (
            "?sslmode=always",
            "`sslmode` parameter must be one of: disable, allow, prefer, require, verify-ca, verify-full",
        ),
    ],
)
def test_queries_read_on_the_primary_if_the_replica_refuses_connections(
    bank: tuple[Server, str], caplog: pytest.LogCaptureFixture, suffix: str, message: str
) -> None:
    server, token = bank
    with closing(Server(server.url, replica_url=server.url + suffix)) as misled:
        assert misled.ask(NAME, token=token) == {"organization": {"name": "Bank"}}
    name = server.url.rpartition("/")[2]
    said = f"cannot read on the replica, reading on the primary: {message.format(name=name)}"
    assert [record.message for record in caplog.records if record.name == "dialtree.replica"] == [said]


@pytest.mark.parametrize(
    ("database_url", "variable", "url", "problem"),
    [
        ("sqlite:///d.db", "DIALTREE_REPLICA_URL", "postgresql://u@h/d", "only a PostgreSQL database has replicas"),
        ("postgresql://u@h/d", "DIALTREE_REPLICA_URL", "sqlite:///r.db", "use postgresql://USER@HOST/DATABASE"),
        ("sqlite:///d.db", "DIALTREE_POOLER_URL", "postgresql://u@h/d", "only a PostgreSQL database has a pooler"),
        ("postgresql://u@h/d", "DIALTREE_POOLER_URL", "pooler:6432", "use postgresql://USER@HOST/DATABASE"),
    ],
)
def test_replicas_and_poolers_are_of_a_postgresql_primary(
    monkeypatch: pytest.MonkeyPatch, database_url: str, variable: str, url: str, problem: str
) -> None:
    monkeypatch.setenv("DIALTREE_DATABASE_URL", database_url)
    monkeypatch.setenv(variable, url)
    with pytest.raises(SettingsError, match=f"{variable}.*{problem}"):
        load_settings()


@pytest.mark.long
def test_callers_read_what_they_wrote_on_a_replica_that_lags_stops_and_returns() -> None:
    with postgres_server() as primary:
        url = PostgresDatabases(primary).create()
        with replica_server(primary) as replica:
            replica_url = f"{replica.url('')}{url.rpartition('/')[2]}"
            with closing(Server(url, replica_url=replica_url)) as server:
                server.import_organizations("path,time_zone,threshold\nBank,,\n")
                token = server.create_key(organization="Bank", role="OWNER")
                for round_ in range(60):
                    if round_ in {20, 30}:
                        replica.execute(f"SELECT pg_wal_replay_{'pause' if round_ == 20 else 'resume'}()")
                    if round_ == 40:
                        assert replica.execute(
                            "SELECT count(*) > 0 FROM pg_stat_activity WHERE query ~ 'organizations'"
                        )
                        replica.stop()
                    change = {"input": {"organizationId": _id(server, token), "name": f"Bank {round_}"}}
                    assert server.ask(RENAME, change, token=token)["updateOrganization"]["userErrors"] == []
                    assert server.ask(NAME, token=token) == {"organization": {"name": f"Bank {round_}"}}
