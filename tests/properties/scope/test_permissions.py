"""The table of permissions, held against the schema and executed cell by cell."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, is_leaf_type

from schema.root.schema import build_schema
from tests.properties.scope.fixtures import INSIDE, Tenants
from tests.properties.scope.id_argument_table import SLOTS, document
from tests.properties.scope.permission_table import (
    CALLERS,
    MUTATIONS,
    NODES,
    OF_VIEWERS_ORGANIZATION,
    PLACES,
    QUERIES,
    SUBSCRIPTIONS,
    VALUES,
    Rule,
)
from tests.support.database_dump import dump
from tests.support.server import Server
from tests.support.subscribing import first_event

SCHEMA: GraphQLSchema = build_schema()._schema
PASSWORD = "cobalt lantern 41 orchard"
TOO_LONG = "x" * 400 + "@bank.test"
"""An address that leaves no trace of an attempt to sign in."""

WITHOUT_IDS = {
    "organizations": "{ organizations { nodes { id } } }",
    "series": "{ series { nodes { id } } }",
    "statusMeanings": "{ statusMeanings { status } }",
    "supplierContact": "{ supplierContact { email } }",
    "mailDeliveries": "{ mailDeliveries { nodes { id } } }",
    "jobs": "{ jobs { nodes { id } } }",
    "administrators": "{ administrators { nodes { id } } }",
    "apiKeys": "{ apiKeys { id } }",
    "viewer": "{ viewer { id role homeOrganization { name } actingOrganization { name } } }",
    "invitation": '{ invitation(token: "x") { email } }',
    # Recorded already wherever the number is in scope, so that sending it again changes nothing.
    "recordUsage": """mutation { recordUsage(input: {records: [
      {recordId: "seen", number: "+19005550103", kind: VOICE, quantity: 60, at: "2026-11-21T09:00:00Z"}
    ]}) { userErrors { code } } }""",
    "createSeries": 'mutation { createSeries(input: {name: " "}) { userErrors { code } } }',
    "signIn": f'mutation {{ signIn(input: {{email: "{TOO_LONG}", password: "x"}}) {{ userErrors {{ code }} }} }}',
    "renewSession": "mutation { renewSession { userErrors { code } } }",
    "signOut": "mutation { signOut { userErrors { code } } }",
    "changePassword": """mutation {
      changePassword(input: {currentPassword: "x", newPassword: "x"}) { userErrors { code } }
    }""",
    "requestPasswordReset": f"""mutation {{
      requestPasswordReset(input: {{email: "{TOO_LONG}"}}) {{ userErrors {{ code }} }}
    }}""",
    "setPassword": 'mutation { setPassword(input: {token: "x", password: "x"}) { userErrors { code } } }',
    "acceptInvitation": 'mutation { acceptInvitation(input: {token: "x"}) { userErrors { code } } }',
}
OBJECTS = {
    name: kind
    for name, kind in SCHEMA.type_map.items()
    if isinstance(kind, GraphQLObjectType) and not name.startswith("__")
}
FIELD_ARGUMENTS = {"heading": "(kind: VOICE)", "daily": "(kind: VOICE)"}
ABOUT_OBJECTS = {slot.place.split(".")[1]: slot for slot in reversed(SLOTS)}
"""For each root field that takes an id, the first place of it, whose request names an object of Sales."""

ABOUT_OBJECTS["phoneNumbers"] = next(
    slot for slot in SLOTS if slot.place == "Query.phoneNumbers.filter.organizationIds"
)
ABOUT_OBJECTS["node"] = next(slot for slot in SLOTS if (slot.place, slot.kind) == ("Query.node.id", "PhoneNumber"))


@pytest.fixture(scope="module")
def recorded(tenants: Tenants) -> Tenants:
    """The tenants, with keys of all roles and a usage record of every organization that has the number in scope."""
    for place in PLACES.values():
        for role in CALLERS:
            tenants.token(place, role)
    for place in (PLACES["above"], PLACES["inside"]):
        tenants.server.ask(WITHOUT_IDS["recordUsage"], token=tenants.token(place, "OWNER"))
    return tenants


def outcome(found: dict[str, Any], field: str, *, about_object: bool) -> str:
    """Return the character of the table for a response."""
    codes = {error["extensions"]["code"] for error in found.get("errors", [])}
    value = (found.get("data") or {}).get(field)
    if isinstance(value, dict):
        codes |= {error["code"] for error in value.get("userErrors", [])}
    if codes & {"UNAUTHENTICATED", "FORBIDDEN"}:
        return "?" if "UNAUTHENTICATED" in codes else "x"
    assert "errors" not in found
    is_nothing = value in (None, [None]) or (isinstance(value, dict) and value.get("totalCount") == 0)
    return "0" if about_object and ("NOT_FOUND" in codes or is_nothing) else "+"


def ask(tenants: Tenants, field: str, place: str, role: str | None) -> dict[str, Any]:
    """Send the request of a root field about an object of Sales, if the field takes an id; harmless where allowed."""
    token = tenants.token(place, role)
    if field in WITHOUT_IDS:
        return tenants.server.execute(WITHOUT_IDS[field], token=token)
    slot = ABOUT_OBJECTS[field]
    in_scope = place in INSIDE
    wanted = tenants.objects[slot.kind]
    if field == "deleteAdministrator" and in_scope and role == "OWNER":
        wanted = new_administrator(tenants, f"{place.rpartition('/')[2]}@fresh.test")
    arguments = slot.arguments(wanted, tenants.own[place], harmless=in_scope and field != "deleteAdministrator")
    return tenants.server.execute(document(SCHEMA, slot), arguments, token=token)


def new_administrator(tenants: Tenants, email: str) -> str:
    """Create an administrator at Sales, for the only request that nothing makes harmless, and return the id."""
    tenants.server.create_administrator(organization="Bank/Sales", role="VIEWER", email=email, password=PASSWORD)
    found = tenants.server.ask("{ administrators { nodes { id email } } }", token=tenants.token("Bank/Sales", "OWNER"))
    return next(node["id"] for node in found["administrators"]["nodes"] if node["email"] == email)  # type: ignore[no-any-return]


def rows_after(server: Server, field: str) -> dict[str, Any]:
    """Return all rows; of `signIn` not the counters of limits, in which its failures count."""
    return {name: rows for name, rows in dump(server).items() if (field, name) != ("signIn", "limit_counters")}


def test_the_table_has_every_field_of_the_schema() -> None:
    assert SCHEMA.query_type is not None
    assert SCHEMA.mutation_type is not None
    assert set(QUERIES) == set(SCHEMA.query_type.fields)
    assert set(MUTATIONS) == set(SCHEMA.mutation_type.fields)
    assert SCHEMA.subscription_type is not None
    assert set(SUBSCRIPTIONS) == set(SCHEMA.subscription_type.fields)
    fields = [f"{kind}.{name}" for (kind, _), (_, names) in NODES.items() for name in names.split()]
    nodes = {name for name, kind in OBJECTS.items() if any(interface.name == "Node" for interface in kind.interfaces)}
    assert sorted(fields) == sorted(f"{name}.{field}" for name in nodes for field in OBJECTS[name].fields)
    assert set(VALUES.split()) == OBJECTS.keys() - nodes - {"Query", "Mutation", "Subscription"}


@pytest.mark.parametrize("field", [*QUERIES, *MUTATIONS])
def test_a_root_field(recorded: Tenants, field: str) -> None:
    rule = QUERIES.get(field) or MUTATIONS[field]
    about_object = field in ABOUT_OBJECTS or field == "recordUsage"
    before = rows_after(recorded.server, field)
    found = Rule(
        *(
            "".join(outcome(ask(recorded, field, place, role), field, about_object=about_object) for role in CALLERS)
            for place in PLACES.values()
        )
    )
    assert found == rule
    assert field == "deleteAdministrator" or rows_after(recorded.server, field) == before


@pytest.mark.parametrize("field", SUBSCRIPTIONS)
def test_a_subscription(recorded: Tenants, field: str) -> None:
    # A wrong cursor is what allowed callers are told, as nothing changes.
    query = {
        "utilizationChanged": "subscription ($id: ID) { utilizationChanged(organizationId: $id) { total } }",
        "jobProgress": "subscription ($id: ID!) { jobProgress(id: $id) { state } }",
        "phoneNumbersChanged": 'subscription { phoneNumbersChanged(after: "x") { cursor } }',
    }[field]

    def cell(place: str, role: str | None) -> str:
        variables = {"id": recorded.objects["Job" if field == "jobProgress" else "Organization"]}
        found = first_event(recorded.server, query, variables, token=recorded.token(place, role))
        if [error["extensions"]["code"] for error in found.get("errors", [])] == ["INVALID_INPUT"]:
            return "+"
        return "0" if "NOT_FOUND" in str(found.get("errors")) else outcome(found, field, about_object=True)

    assert Rule(*("".join(cell(place, role) for role in CALLERS) for place in PLACES.values())) == SUBSCRIPTIONS[field]


def selection(kind: str, names: str) -> str:
    """Return a selection of these fields, with nothing but the type of objects."""
    fields = {name: OBJECTS[kind].fields[name].type for name in names.split()}
    return " ".join(
        f"{name}{FIELD_ARGUMENTS.get(name, '')}{'' if is_leaf_type(get_named_type(type_)) else ' { __typename }'}"
        for name, type_ in fields.items()
    )


@pytest.mark.parametrize("row", NODES, ids="-".join)
def test_the_fields_of_an_object(recorded: Tenants, row: tuple[str, str]) -> None:
    kind, (rule, names) = row[0], NODES[row]
    query = f"query ($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ {selection(kind, names)} }} }} }}"
    variables = {"id": recorded.objects["ApiKeyViewer" if kind == "Viewer" else kind]}

    def cell(place: str, role: str | None) -> str:
        found = recorded.server.execute(query, variables, token=recorded.token(place, role))
        return outcome(found, "node", about_object=True)

    assert Rule(*("".join(cell(place, role) for role in CALLERS) for place in PLACES.values())) == rule


def test_a_usage_writer_reads_little_of_its_own_organization(recorded: Tenants) -> None:
    token = recorded.token("Bank/Sales", "USAGE_WRITER")
    allowed = set()
    for name in OBJECTS["Organization"].fields:
        query = f"{{ viewer {{ homeOrganization {{ {selection('Organization', name)} }} }} }}"
        found = recorded.server.execute(query, token=token)
        assert {error["extensions"]["code"] for error in found.get("errors", [])} <= {"FORBIDDEN"}
        if "errors" not in found:
            allowed.add(name)
    assert allowed == set(OF_VIEWERS_ORGANIZATION.split())
