"""A small bank with numbers in every status."""

from collections.abc import Iterator

import pytest

from tests.api.numbers.pool import POOL, TEAMS, Pool
from tests.support.concurrency import ConcurrentServers, concurrent_servers
from tests.support.databases import Databases
from tests.support.inventory import Inventory
from tests.support.server import Server, opened

TREE = "Bank\nBank/Sales\nBank/Sales/Trading\nBank/Retail\n"
NUMBERS = """\
+14185550100,+1 418,Bank,AVAILABLE,,,,
+14185550101,+1 418,Bank,AVAILABLE,,,,
+14185550102,+1 418,Bank,RESERVED,hotline,,,
+14185550103,+1 418,Bank,ASSIGNED,,Ada,Ling,ada@bank.test
+14185550104,+1 418,Bank,IN_USE,,Bo,Rask,bo@bank.test
+14185550105,+1 418,Bank/Sales,AVAILABLE,,,,
"""


@pytest.fixture
def bank(server: Server) -> Inventory:
    return Inventory(server, TREE, NUMBERS)


@pytest.fixture(scope="module")
def shared_bank(databases: Databases) -> Iterator[Inventory]:
    """One bank for the tests of a module that change nothing."""
    with opened(databases) as server:
        yield Inventory(server, TREE, NUMBERS)


@pytest.fixture
def pool(server: Server) -> Pool:
    paths = ["Acme", *(f"Acme/{team}" for team in TEAMS), "Acme/North/Desk"]
    server.import_organizations("path\n" + "".join(f"{path}\n" for path in paths))
    lines = "".join(f"+1418898{n:04},+1 418,Acme\n" for n in range(POOL))
    assert server.import_numbers("number,series,organization\n" + lines).imported == POOL
    token = server.create_key(organization="Acme", role="OWNER")
    query = """{ organizations { nodes { id name } } series { nodes { id } }
      phoneNumbers(first: 500) { nodes { id number } } }"""
    found = server.ask(query, token=token)
    return Pool(
        server,
        token,
        found["series"]["nodes"][0]["id"],
        {node["name"]: node["id"] for node in found["organizations"]["nodes"]},
        {node["number"]: node["id"] for node in found["phoneNumbers"]["nodes"]},
    )


# Each of the four applications has concurrent clients of its own, as the one has.
@pytest.fixture(params=[pytest.param(1, marks=pytest.mark.long), 4], ids=["one-application", "four-applications"])
def servers(request: pytest.FixtureRequest, server: Server) -> Iterator[ConcurrentServers]:
    with concurrent_servers(server, request.param) as ready:
        yield ready
