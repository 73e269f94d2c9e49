"""Every place of the schema that takes an id, with a request that puts one there.

A request that reaches the thing and is permitted would change it; `seen` is what makes it harmless instead, so that
who sees the thing can be told by the answer: any other refusal than NOT_FOUND, or that of a dry run, none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLInputObjectType, GraphQLSchema, get_named_type

from tests.properties.scope import access_id_arguments as people
from tests.properties.scope.id_arguments import Slot


def _selecting(field_name: str, **options: Any) -> Iterator[Slot]:
    """The three ways to select numbers, the same in every bulk change."""
    kind = options.pop("kind", "PhoneNumber")
    base = f"Mutation.{field_name}.input"
    yield Slot(f"{base}.numberIds", kind, seen={"expectedCount": 99}, code="CONFLICT", noun="number", **options)
    yield Slot(f"{base}.filter.seriesIds", "Series", **options)
    yield Slot(f"{base}.filter.organizationIds", "Organization", **options)


_COUNT = {"seen": {"expectedCount": 99}, "code": "CONFLICT"}
_BLANK = {"seen": {"name": " "}, "code": "INVALID_INPUT"}
_DRY = {"seen": {"dryRun": True}}

SLOTS: list[Slot] = [
    *(
        Slot("Query.node.id", kind)
        for kind in (
            "Organization",
            "Utilization",
            "SeriesInventory",
            "Dashboard",
            "CycleUsage",
            "Series",
            "PhoneNumber",
            "User",
            "NumberEvent",
            "Operation",
            "MailDelivery",
            "Job",
        )
    ),
    Slot("Query.nodes.ids", "PhoneNumber"),
    Slot("Query.organization.id", "Organization"),
    Slot("Query.phoneNumber.id", "PhoneNumber"),
    Slot("Query.phoneNumbers.filter.seriesIds", "Series"),
    Slot("Query.phoneNumbers.filter.organizationIds", "Organization"),
    Slot("Query.phoneNumbersReport.filter.seriesIds", "Series", shows="phone-numbers_"),
    Slot("Query.phoneNumbersReport.filter.organizationIds", "Organization", shows="phone-numbers_"),
    Slot("Query.numberUtilizationReport.organizationId", "Organization", shows="number-utilization_Sales_"),
    Slot(
        "Query.consumptionReport.organizationId",
        "Organization",
        values={"from": "2026-10-01", "to": "2026-10-31"},
        shows="consumption_Sales_2026-10-01",
    ),
    *_selecting("moveNumbers", others={"organizationId": "Organization"}),
    Slot(
        "Mutation.moveNumbers.input.organizationId",
        "Organization",
        others={"numberIds": "PhoneNumber"},
        noun="organization",
        **_COUNT,  # type: ignore[arg-type]
    ),
    *_selecting("reserveNumbers", values={"tag": "stolen"}),
    Slot(
        "Mutation.reserveNumbers.input.organizationId",
        "Organization",
        others={"numberIds": "PhoneNumber"},
        values={"tag": "stolen"},
        noun="organization",
        **_COUNT,  # type: ignore[arg-type]
    ),
    Slot(
        "Mutation.editReservedTag.input.numberId",
        "Reserved",
        values={"tag": "stolen"},
        seen={"tag": " "},
        code="INVALID_INPUT",
        noun="number",
    ),
    *_selecting("unreserveNumbers", kind="Reserved"),
    *_selecting("retireNumbers", root_only=True),
    Slot(
        "Mutation.allocateNumbers.input.seriesId",
        "Series",
        others={"toOrganizationId": "Organization"},
        values={"quantity": 1},
        code="INVALID_INPUT",  # for nobody is below himself
        noun="series",
    ),
    Slot(
        "Mutation.allocateNumbers.input.toOrganizationId",
        "Organization",
        others={"seriesId": "Series"},
        values={"quantity": 1},
        seen={"quantity": 0},
        code="INVALID_INPUT",
        noun="organization",
    ),
    Slot(
        "Mutation.allocateNumbers.input.fromOrganizationId",
        "Organization",
        others={"seriesId": "Series", "toOrganizationId": "Organization"},
        values={"quantity": 1},
        seen={"quantity": 0},
        code="INVALID_INPUT",
        noun="organization",
    ),
    Slot(
        "Mutation.withdrawNumbers.input.organizationId",
        "Organization",
        others={"seriesId": "Series"},
        values={"quantity": 1},
        seen={"quantity": 0},
        code="INVALID_INPUT",
        noun="organization",
    ),
    Slot(
        "Mutation.withdrawNumbers.input.seriesId",
        "Series",
        others={"organizationId": "Organization"},
        values={"quantity": 1},
        code="FORBIDDEN",  # for nobody withdraws from himself
        noun="series",
    ),
    Slot(
        "Mutation.addNumbers.input.seriesId",
        "Series",
        values={"numbers": ["+19005550199"]},
        root_only=True,
        noun="series",
        **_DRY,  # type: ignore[arg-type]
    ),
    Slot(
        "Mutation.addNumbers.input.organizationId",
        "Organization",
        others={"seriesId": "Series"},
        values={"numbers": ["+19005550199"]},
        root_only=True,
        noun="organization",
        **_DRY,  # type: ignore[arg-type]
    ),
    Slot(
        "Mutation.createOrganization.input.parentId",
        "Organization",
        values={"name": "Squatter"},
        noun="organization",
        **_BLANK,  # type: ignore[arg-type]
    ),
    Slot(
        "Mutation.updateOrganization.input.organizationId",
        "Organization",
        values={"name": "Taken over"},
        noun="organization",
        **_BLANK,  # type: ignore[arg-type]
    ),
    Slot(
        "Mutation.setUtilizationThreshold.input.organizationId",
        "Organization",
        values={"percent": 1},
        seen={"percent": 0},
        code="INVALID_INPUT",
        noun="organization",
    ),
    Slot(
        "Mutation.moveOrganization.input.organizationId",
        "Organization",
        others={"parentId": "Organization"},
        seen={},
        code="",  # from the parent it is there already; from inside it is FORBIDDEN
        noun="organization",
    ),
    Slot(
        "Mutation.moveOrganization.input.parentId",
        "Organization",
        others={"organizationId": "Organization"},
        code="FORBIDDEN",  # for nobody moves himself
        noun="organization",
    ),
    Slot(
        "Mutation.deleteOrganization.input.organizationId",
        "Organization",
        code="",  # from the parent NOT_EMPTY; from inside FORBIDDEN
        noun="organization",
    ),
    Slot(
        "Mutation.updateSeries.input.seriesId",
        "Series",
        values={"name": "Taken over"},
        root_only=True,
        noun="series",
        **_BLANK,  # type: ignore[arg-type]
    ),
]

SLOTS += [
    Slot(
        "Mutation.requestMoreNumbers.input.organizationId",
        "Organization",
        values={"quantity": 1},
        seen={"quantity": 0},
        code="INVALID_INPUT",
        noun="organization",
    ),
    Slot(
        "Mutation.requestMoreNumbers.input.seriesId",
        "Series",
        values={"quantity": 1},
        seen={"quantity": 0},
        code="INVALID_INPUT",
        noun="series",
    ),
    Slot(
        "Mutation.retryMailDelivery.input.mailDeliveryId",
        "MailDelivery",
        code="INVALID_TRANSITION",  # for it waits
        noun="mail",
    ),
]

SLOTS += [
    Slot("Mutation.cancelJob.input.jobId", "Job", code="CONFLICT", noun="job"),  # for it has ended
    Slot(
        "Mutation.addNumbers.input.uploadId",
        "Upload",
        others={"seriesId": "Series"},
        values={"asJob": True},
        seen={"csv": "+19005550199"},
        code="INVALID_INPUT",
        root_only=True,
        noun="upload",
    ),
    Slot(
        "Mutation.inviteUsers.input.uploadId",
        "Upload",
        values={"asJob": True},
        seen={"csv": "A,B,a@b.test"},
        code="INVALID_INPUT",
        noun="upload",
    ),
]

SLOTS += people.SLOTS

ERRORS = "userErrors { code message path numbers numberCount refusals { number } }"
_PAYLOAD = f"changedCount phoneNumbers {{ id }} organizations {{ id }} organizationCount operationId {ERRORS}"
SELECTIONS = {
    "node": "{ __typename id }",
    "nodes": "{ __typename id }",
    "organization": "{ id name }",
    "phoneNumber": "{ id number }",
    "phoneNumbers": "{ totalCount nodes { id } edges { cursor } pageInfo { hasNextPage endCursor } "
    "statusCounts { status count } seriesCounts { series { id } count } }",
    "phoneNumbersReport": "{ filename expiresAt }",
    "numberUtilizationReport": "{ filename expiresAt }",
    "consumptionReport": "{ filename expiresAt }",
    "moveNumbers": f"{{ {_PAYLOAD} }}",
    "reserveNumbers": f"{{ {_PAYLOAD} }}",
    "unreserveNumbers": f"{{ {_PAYLOAD} }}",
    "allocateNumbers": f"{{ {_PAYLOAD} }}",
    "withdrawNumbers": f"{{ {_PAYLOAD} }}",
    "retireNumbers": f"{{ changedCount retiredIds organizations {{ id }} operationId {ERRORS} }}",
    "addNumbers": f"{{ {_PAYLOAD} skippedCount lines {{ line value code message }} }}",
    "editReservedTag": f"{{ phoneNumber {{ id }} operationId {ERRORS} }}",
    "createOrganization": f"{{ organization {{ id }} {ERRORS} }}",
    "updateOrganization": f"{{ organization {{ id }} {ERRORS} }}",
    "setUtilizationThreshold": f"{{ organization {{ id }} {ERRORS} }}",
    "moveOrganization": f"{{ organization {{ id }} previousParent {{ id }} organizations {{ id }} {ERRORS} }}",
    "deleteOrganization": f"{{ deletedIds parent {{ id }} changedCount {ERRORS} }}",
    "requestMoreNumbers": f"{{ mailDelivery {{ id }} {ERRORS} }}",
    "retryMailDelivery": f"{{ mailDelivery {{ id }} {ERRORS} }}",
    "updateSeries": f"{{ series {{ id }} {ERRORS} }}",
    "cancelJob": f"{{ job {{ id }} {ERRORS} }}",
} | people.SELECTIONS


def document(schema: GraphQLSchema, slot: Slot) -> str:
    """An operation that gives the slot's field all its arguments as variables."""
    type_name, name = slot.place.split(".")[:2]
    root: Any = schema.type_map[type_name]
    arguments: dict[str, Any] = root.fields[name].args
    variables = ", ".join(f"${argument}: {value.type}" for argument, value in arguments.items())
    passed = ", ".join(f"{argument}: ${argument}" for argument in arguments)
    return f"{type_name.lower()} ({variables}) {{ {name}({passed}) {SELECTIONS[name]} }}"


def places(schema: GraphQLSchema) -> set[str]:
    """Every place of the schema's queries and mutations that takes an id."""

    def walk(place: str, of: Any, above: tuple[str, ...]) -> Iterator[str]:
        named = get_named_type(of)
        if named.name == "ID":
            yield place
        if isinstance(named, GraphQLInputObjectType) and named.name not in above:
            for name, part in named.fields.items():
                yield from walk(f"{place}.{name}", part.type, (*above, named.name))

    return {
        found
        for root in (schema.query_type, schema.mutation_type)
        if root is not None
        for name, field_ in root.fields.items()
        for argument, value in field_.args.items()
        for found in walk(f"{root.name}.{name}.{argument}", value.type, ())
    }
