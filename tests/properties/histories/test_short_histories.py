"""Short histories that once went wrong. The random ones are too few in every run to meet them each time."""

from dataclasses import dataclass

import pytest

from tests.properties.histories.documents import (
    ALLOCATE,
    CREATE_ORGANIZATION,
    DELETE_ORGANIZATION,
    EDIT_TAG,
    HISTORIES,
    MOVE,
    MOVE_ORGANIZATION,
    RESERVE,
    Verb,
)
from tests.properties.histories.initial_state import BERLIN, numbers_csv, organizations_csv
from tests.properties.histories.protocols import Json
from tests.support.server import Server

NUMBER = "+14188984760"
START = """
{
  organizations(first: 50) { nodes { id name parent { name } } }
  phoneNumbers(first: 100) { nodes { id number } }
  series { nodes { id name } }
}
"""


@dataclass
class Harbour:
    """The initial state of random histories, read by the owner."""

    server: Server
    token: str
    organizations: dict[str, str]
    numbers: dict[str, str]
    series: dict[str, str]

    def does(self, verb: Verb, **said: object) -> Json:
        answer: Json = self.server.ask(verb.document, {"input": said}, token=self.token)["answer"]
        return answer

    def history(self, number: str) -> list[tuple[str, bool]]:
        """What happened to a number, newest first, and whether it is told where it was afterwards."""
        variables = {"numbers": [number], "first": 1, "operation": ""}
        data = self.server.ask(HISTORIES, variables, token=self.token)
        (found,) = data["phoneNumbers"]["nodes"]
        return [(node["action"], node["organizationAfter"] is not None) for node in found["history"]["nodes"]]


@pytest.fixture
def harbour(server: Server) -> Harbour:
    server.import_organizations(organizations_csv())
    server.import_numbers(numbers_csv())
    token = server.create_key(organization="Harbour", role="OWNER")
    data = server.ask(START, token=token)
    organizations = {
        f"{(node['parent'] or {'name': ''})['name']}/{node['name']}": node["id"]
        for node in data["organizations"]["nodes"]
    }
    return Harbour(
        server,
        token,
        organizations,
        {node["number"]: node["id"] for node in data["phoneNumbers"]["nodes"]},
        {node["name"]: node["id"] for node in data["series"]["nodes"]},
    )


def test_the_id_of_a_deleted_organization_is_never_given_again(harbour: Harbour) -> None:
    first = harbour.does(CREATE_ORGANIZATION, name="Gone")["organization"]["id"]
    assert harbour.does(DELETE_ORGANIZATION, organizationId=first)["deletedIds"] == [first]
    second = harbour.does(CREATE_ORGANIZATION, name="New")["organization"]["id"]
    assert second != first


def test_the_history_of_an_organization_outlives_it(harbour: Harbour) -> None:
    gone = harbour.does(CREATE_ORGANIZATION, name="Gone")["organization"]["id"]
    one = [harbour.numbers[NUMBER]]
    harbour.does(MOVE, numberIds=one, organizationId=gone)
    harbour.does(RESERVE, numberIds=one, tag="Sales")
    harbour.does(DELETE_ORGANIZATION, organizationId=gone)
    assert harbour.history(NUMBER) == [
        ("ORGANIZATION_DELETED", True),
        ("RESERVED", False),
        ("MOVED", False),
        ("IMPORTED", True),
    ]


def test_a_contiguous_block_has_numbers_of_one_length(harbour: Harbour) -> None:
    # By its digits +49301234560 stands between these two; it is not the next number after either.
    attic = harbour.organizations["Harbour/Attic"]
    answer = harbour.does(
        ALLOCATE, seriesId=harbour.series[BERLIN], quantity=2, toOrganizationId=attic, strategy="CONTIGUOUS"
    )
    assert {node["number"] for node in answer["phoneNumbers"]} == {"+4930123456", "+4930123457"}


@pytest.mark.parametrize("verb", [MOVE, RESERVE])
def test_a_filter_of_a_bulk_action_may_name_a_tag(harbour: Harbour, verb: Verb) -> None:
    attic = harbour.organizations["Harbour/Attic"]
    harbour.does(RESERVE, numberIds=[harbour.numbers[NUMBER]], tag="Spare")
    said: Json = {"filter": {"tag": "spare"}, "organizationId": attic}
    if verb is RESERVE:
        answer = harbour.does(verb, **said, tag="Other")
        assert [error["code"] for error in answer["userErrors"]] == ["INVALID_TRANSITION"]
    else:
        answer = harbour.does(verb, **said)
        assert [node["number"] for node in answer["phoneNumbers"]] == [NUMBER]


def test_an_organization_can_be_moved(harbour: Harbour) -> None:
    attic, north = (harbour.organizations[f"Harbour/{name}"] for name in ("Attic", "North"))
    answer = harbour.does(MOVE_ORGANIZATION, organizationId=attic, parentId=north)
    assert answer["userErrors"] == []
    assert answer["organization"]["parent"]["id"] == north
    assert harbour.server.differences() == []


def test_a_refusal_names_the_field_that_was_wrong(harbour: Harbour) -> None:
    (error,) = harbour.does(EDIT_TAG, numberId="not an id!", tag="Sales")["userErrors"]
    assert error["code"] == "NOT_FOUND"
    assert error["path"] == ["input", "numberId"]
