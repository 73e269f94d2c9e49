"""Fixtures of the tests that compare execution paths."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.properties.execution import prepared_databases as building
from tests.properties.execution.prepared_databases import PreparedDatabases
from tests.support.databases import Databases


@pytest.fixture(scope="session")
def prepared_databases(databases: Databases) -> PreparedDatabases:
    """Give the filled databases that operations are run on."""
    return building.build(databases)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Errors are expected here, and their tracebacks would drown everything else."""
    logger = logging.getLogger("dialtree")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(level)
