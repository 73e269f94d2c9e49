"""Fixtures for all tests."""

import gc
import itertools
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from inspect import iscoroutine
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4
from weakref import WeakKeyDictionary

import argon2
import graphql
import pytest
from graphql import DocumentNode, GraphQLError, GraphQLSchema
from hypothesis import HealthCheck, settings

from db.core.database import Database
from db.core.engines import is_postgresql, open_database
from resolvers.access import password_hashing
from tests.properties.execution.comparison_counts import ComparisonCounts, summary
from tests.support.databases import Databases, PostgresDatabases, SQLiteDatabases
from tests.support.memory import database_parent
from tests.support.pgbouncer import pooler
from tests.support.postgres import PostgresServer, PostgresUnavailable, server_folder, server_in
from tests.support.server import Server, opened

# Without bytecode files, each worker and each of the many processes that tests start would compile every module.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

POSTGRES_FOLDER = pytest.StashKey[Path]()
AT_THE_END = pytest.StashKey[ExitStack]()

# No example is wrong because the machine is slow.
settings.register_profile(
    "patient",
    max_examples=int(os.environ.get("DIALTREE_TEST_EXAMPLES", "50")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("patient")


def pytest_configure(config: pytest.Config) -> None:
    """Agree on one folder for the PostgreSQL server; the first test that needs it starts it."""
    stack = config.stash[AT_THE_END] = ExitStack()
    # pytest-xdist hands its workers what `pytest_configure_node` put there.
    handed: dict[str, str] | None = getattr(config, "workerinput", None)
    if handed is None:
        config.stash[POSTGRES_FOLDER] = stack.enter_context(server_folder(database_parent()))
    else:
        config.stash[POSTGRES_FOLDER] = Path(handed["postgres_folder"])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell a pytest-xdist worker where the one server is."""
    config: pytest.Config = node.config  # type: ignore[attr-defined]
    node.workerinput["postgres_folder"] = str(config.stash[POSTGRES_FOLDER])  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the PostgreSQL server, if one was started, when every worker is done."""
    config.stash[AT_THE_END].close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report how many operations the tests compared on both execution paths."""
    total: Counter[str] = Counter()
    for report in itertools.chain(*terminalreporter.stats.values()):
        for name, counted in getattr(report, "user_properties", ()):
            if name == "compared":
                terminalreporter.write_line(f"{report.nodeid}: {summary(counted)}")
                total.update(counted)
    if total:
        terminalreporter.write_line(f"in all: {summary(total)}")


@pytest.fixture
def counts(record_property: Callable[[str, object], None]) -> Iterator[ComparisonCounts]:
    """Count what a test compares; the summary at the end of the run shows it."""
    counted = ComparisonCounts()
    yield counted
    record_property("compared", dict(counted))


@pytest.fixture
def _forgetful() -> Iterator[None]:
    """Where a field fails, graphql-core drops awaitables that it has not begun with; Python would complain of each."""
    complain = sys.unraisablehook

    def complain_of_others(what: Any) -> None:
        if not iscoroutine(what.object):
            complain(what)

    with patch.object(sys, "unraisablehook", complain_of_others):
        yield
        gc.collect()


@pytest.fixture(scope="session", autouse=True)
def _validates_once() -> Iterator[None]:
    """Validate a document once for all servers with the same schema: it takes longer than to run most of them."""
    validate = graphql.validate
    valid: WeakKeyDictionary[GraphQLSchema, set[str]] = WeakKeyDictionary()

    def validate_once(schema: GraphQLSchema, document: DocumentNode, *rest: Any, **options: Any) -> list[GraphQLError]:
        known = valid.setdefault(schema, set())
        text = document.loc.source.body if document.loc else ""
        errors = [] if text in known else validate(schema, document, *rest, **options)
        if text and not errors:
            known.add(text)
        return errors

    with patch.object(graphql, "validate", validate_once):
        yield


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> PostgresServer:
    """Give the PostgreSQL server that all workers share. Without one, tests fail, never skip."""
    try:
        return server_in(pytestconfig.stash[POSTGRES_FOLDER])
    except PostgresUnavailable as failure:
        pytest.fail(str(failure), pytrace=False)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """Give the factory of test databases; every test that uses it runs on both databases."""
    if request.param == "sqlite":
        with tempfile.TemporaryDirectory(prefix="dialtree-sqlite-", dir=database_parent()) as folder:
            yield SQLiteDatabases(Path(folder))
    else:
        yield PostgresDatabases(request.getfixturevalue("postgres"))


@pytest.fixture(params=["sqlite", "postgresql"])
def without_tables(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = f"empty_{uuid4().hex}"
    server.create_database(name)
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Hash passwords in microseconds: the cost of a hash is what protects it, and would be most of a sign-in test."""
    with patch.object(password_hashing, "HASHER", argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)):
        yield


@pytest.fixture(scope="session", autouse=True)
def _through_pooler(request: pytest.FixtureRequest) -> Iterator[None]:
    """With `DIALTREE_TEST_POOLER=on`, let every application connect to PostgreSQL through PgBouncer."""
    if os.environ.get("DIALTREE_TEST_POOLER") != "on":
        yield
        return

    async def open_through_pooler(url: str, **options: Any) -> Database:
        if is_postgresql(url):
            options["pooler_url"] = running.url(url)
        return await open_database(url, **options)

    with (
        pooler(request.getfixturevalue("postgres"), size=4) as running,
        patch("app.services.open_database", open_through_pooler),
    ):
        yield


@pytest.fixture
def server(databases: Databases) -> Iterator[Server]:
    """Give the application over an empty database of its own."""
    with opened(databases) as running:
        yield running
