"""Objects outside the scope behave as if they did not exist, for every caller and every argument."""

from __future__ import annotations

import json
from typing import Any

import pytest
from graphql import GraphQLSchema

from schema.root.schema import build_schema
from tests.properties.scope.access_id_arguments import PUBLIC_PLACES
from tests.properties.scope.fixtures import INSIDE, OUTSIDE, ROLES, Tenants, never
from tests.properties.scope.id_argument_table import SELECTIONS, SLOTS, document, places
from tests.properties.scope.id_arguments import Slot
from tests.support.database_dump import Contents, dump

SCHEMA: GraphQLSchema = build_schema()._schema


def name_of(slot: Slot) -> str:
    return f"{slot.place}-{slot.kind}"


every_slot = pytest.mark.parametrize("slot", SLOTS, ids=name_of)


def answer(
    tenants: Tenants,
    slot: Slot,
    wanted: str,
    place: str,
    role: str | None,
    *,
    harmless: bool = False,
) -> Any:
    """What a caller gets who puts the id into the slot."""
    arguments = slot.arguments(wanted, tenants.own[place], harmless=harmless)
    return tenants.server.execute(document(SCHEMA, slot), arguments, token=tenants.token(place, role))


def payload(found: dict[str, Any], slot: Slot) -> Any:
    return found["data"][slot.place.split(".")[1]]


def codes(found: dict[str, Any], slot: Slot) -> list[str]:
    return [error["code"] for error in payload(found, slot)["userErrors"]]


def test_the_table_has_every_id_argument() -> None:
    assert {slot.place for slot in SLOTS} | PUBLIC_PLACES == places(SCHEMA)


def test_every_field_of_the_table_has_a_selection() -> None:
    assert {slot.place.split(".")[1] for slot in SLOTS} == set(SELECTIONS)


@every_slot
def test_objects_outside_the_scope_are_indistinguishable_from_missing_ones(
    tenants: Tenants, contents: Contents, slot: Slot
) -> None:
    for place in OUTSIDE:
        for role in (*ROLES, None):
            elsewhere = answer(tenants, slot, tenants.objects[slot.kind], place, role)
            # How ids are told apart does not depend on the caller, so one of them tries every kind of wrong id.
            for wanted in never(slot.kind)[: None if (place, role) == ("Rival", "OWNER") else 1]:
                assert answer(tenants, slot, wanted, place, role) == elsewhere, (place, role, wanted)
    assert dump(tenants.server) == contents


@every_slot
def test_an_owner_outside_the_scope_gets_null_or_not_found(tenants: Tenants, contents: Contents, slot: Slot) -> None:
    for place in OUTSIDE:
        found = answer(tenants, slot, tenants.objects[slot.kind], place, "OWNER")
        assert "errors" not in found
        if slot.root_only and "/" in place:
            assert codes(found, slot) == ["FORBIDDEN"]
        elif slot.noun:
            (error,) = payload(found, slot)["userErrors"]
            assert error == {
                "code": "NOT_FOUND",
                "message": f"There is no such {slot.noun} in your scope.",
                "path": slot.error_path,
                "numbers": [],
                "numberCount": 0,
                "refusals": [],
            }
        elif "phoneNumbers." in slot.place:
            counts = [{"status": status, "count": 0} for status in ("AVAILABLE", "RESERVED", "ASSIGNED", "IN_USE")]
            assert payload(found, slot) == {
                "totalCount": 0,
                "nodes": [],
                "edges": [],
                "pageInfo": {"hasNextPage": False, "endCursor": None},
                "statusCounts": counts,
                "seriesCounts": [],
            }
        elif slot.place.startswith("Query.users."):
            nothing = {"hasNextPage": False, "endCursor": None}
            assert payload(found, slot) == {"totalCount": 0, "nodes": [], "edges": [], "pageInfo": nothing}
        elif ".rows." in slot.place:
            assert codes(found, slot) == ["NOT_FOUND"]
            noun = "number" if slot.kind == "PhoneNumber" else "series"
            message = f"There is no such {noun} in your scope."
            reported = {"line": 1, "value": "ada.ling@elsewhere.test", "code": "NOT_FOUND", "message": message}
            assert payload(found, slot)["lines"] == [reported]
        elif "phoneNumbersReport." in slot.place:
            # The link is to a list without a row; `tests/reports` opens it.
            assert payload(found, slot)["filename"].startswith("phone-numbers_")
        elif slot.place.startswith("Mutation."):
            # A filter that names nothing matches nothing, and changing nothing is no fault.
            assert codes(found, slot) == []
            assert payload(found, slot)["changedCount"] == 0
        else:
            assert payload(found, slot) == ([None] if slot.place == "Query.nodes.ids" else None)
    assert dump(tenants.server) == contents


@every_slot
@pytest.mark.parametrize("role", ["OWNER", "ADMIN"])
def test_a_permitted_caller_inside_the_scope_gets_the_object(
    tenants: Tenants, contents: Contents, slot: Slot, role: str
) -> None:
    for place in INSIDE:
        dry = {} if slot.code is not None or not slot.place.startswith("Mutation.") else {"dryRun": True}
        harmless = Slot(**vars(slot) | {"seen": slot.seen | dry})
        found = answer(tenants, harmless, tenants.objects[slot.kind], place, role, harmless=True)
        assert "errors" not in found
        if (slot.root_only and place != "Bank") or (slot.access and role == "ADMIN" and "Mutation" in slot.place):
            # An invalid idempotency key is refused for every caller.
            assert codes(found, slot) in (["FORBIDDEN"], ["INVALID_INPUT"] if "idempotencyKey" in slot.seen else [])
        elif slot.access and role == "ADMIN":
            assert payload(found, slot) is None
        elif slot.place.startswith(("Query.phoneNumbers.", "Query.users.")):
            assert payload(found, slot)["totalCount"] > 0
        elif slot.place.startswith("Query."):
            assert (slot.shows or tenants.objects[slot.kind]) in json.dumps(payload(found, slot))
        elif slot.code:
            assert codes(found, slot) in ([slot.code], ["FORBIDDEN"])
            assert codes(found, slot) == [slot.code] or place == "Bank/Sales"
        else:
            assert "NOT_FOUND" not in codes(found, slot)
    assert dump(tenants.server) == contents


@every_slot
def test_a_viewer_reads_and_is_forbidden_to_change(tenants: Tenants, contents: Contents, slot: Slot) -> None:
    for place in INSIDE:
        found = answer(tenants, slot, tenants.objects[slot.kind], place, "VIEWER")
        assert "errors" not in found
        if slot.place.startswith("Mutation."):
            assert codes(found, slot) == ["FORBIDDEN"]
        elif slot.access:
            assert payload(found, slot) is None
        elif slot.place.startswith(("Query.phoneNumbers.", "Query.users.")):
            assert payload(found, slot)["totalCount"] > 0
        else:
            assert (slot.shows or tenants.objects[slot.kind]) in json.dumps(payload(found, slot))
    assert dump(tenants.server) == contents


@every_slot
def test_a_usage_writer_is_forbidden_everything(tenants: Tenants, contents: Contents, slot: Slot) -> None:
    for place in INSIDE:
        found = answer(tenants, slot, tenants.objects[slot.kind], place, "USAGE_WRITER")
        if slot.place.startswith("Mutation."):
            assert codes(found, slot) == ["FORBIDDEN"]
        else:
            assert [error["extensions"]["code"] for error in found["errors"]] == ["FORBIDDEN"]
            assert not found.get("data") or payload(found, slot) is None
    assert dump(tenants.server) == contents


@every_slot
def test_requests_without_a_token_are_unauthenticated(tenants: Tenants, contents: Contents, slot: Slot) -> None:
    found = answer(tenants, slot, tenants.objects[slot.kind], "Bank", None)
    assert [error["extensions"]["code"] for error in found["errors"]] == ["UNAUTHENTICATED"]
    assert not found.get("data") or payload(found, slot) is None
    assert dump(tenants.server) == contents
