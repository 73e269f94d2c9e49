"""What a caller should see, in the shape of the answer."""

from collections import Counter
from typing import Any

from tests.properties.histories.ids import Ids
from tests.properties.histories.protocols import Json
from tests.properties.model.entities import Actor, Caller, Event, Snapshot
from tests.properties.model.inventory import Inventory
from tests.properties.model.queries import (
    demand,
    figures,
    number_actions,
    organization_actions,
    threshold_reached,
    user_actions,
    visible_history,
)
from tests.properties.model.vocabulary import Status

CATEGORIES = {
    "AVAILABLE": "available",
    "RESERVED": "reserved",
    "ASSIGNED": "assigned",
    "REGISTERED": "registered",
    "ALLOCATED_TO_SUB_ORGANIZATIONS": "allocatedToSubOrganizations",
}


def agree(expected: object, answered: object, where: str) -> None:
    """Compare two trees of values, and say where they first differ."""
    if isinstance(expected, dict) and isinstance(answered, dict):
        assert expected.keys() == answered.keys(), (
            f"{where}: only the model has {sorted(expected.keys() - answered.keys())}, "
            f"only the server has {sorted(answered.keys() - expected.keys())}"
        )
        for key, value in expected.items():
            agree(value, answered[key], f"{where}.{key}")
    else:
        assert expected == answered, f"{where}: model {expected!r}, server {answered!r}"


# The whole view


def expected_view(inventory: Inventory, ids: Ids, caller: Caller, actor: Actor) -> Json:
    """Everything in the scope of an actor."""
    visible = sorted(inventory.visible_numbers(actor))
    statuses = Counter(str(inventory.numbers[number].status) for number in visible)
    series = Counter(inventory.numbers[number].series for number in visible)
    return {
        "viewer": {
            "role": str(actor.role),
            "homeOrganization": caller.home if caller.home == actor.acting else None,
            "actingOrganization": actor.acting,
        },
        "organizations": {key: expected_organization(inventory, actor, key) for key in inventory.subtree(actor.acting)},
        "numbers": {number: expected_number(inventory, ids, actor, number) for number in visible},
        "users": {
            ids.users[key]: expected_user(inventory, ids, actor, key)
            for key, user in inventory.users.items()
            if inventory.in_scope(actor, user.organization)
        },
        "order": visible,
        "totalCount": len(visible),
        "statusCounts": [(status, statuses[status]) for status in Status if statuses[status]],
        "seriesCounts": dict(series),
        "series": {name: ids.series[name] for name in inventory.visible_series(actor)},
    }


def answered_view(data: Json, ids: Ids, caller: Caller, actor: Actor) -> Json:
    """The same from an answer. Seen from below, one's home may or may not be there."""
    numbers, viewer = data["phoneNumbers"], data["viewer"]
    home, acting = (ids.key(viewer[name]["id"]) for name in ("homeOrganization", "actingOrganization"))
    return {
        "viewer": {
            "role": viewer["role"],
            "homeOrganization": home if caller.home == actor.acting else None,
            "actingOrganization": acting,
        },
        "organizations": {
            ids.key(node["id"]): answered_organization(node, ids) for node in complete(data["organizations"])
        },
        "numbers": {node["number"]: answered_number(node, ids) for node in complete(numbers)},
        "users": {node["id"]: answered_user(node, ids) for node in complete(data["users"])},
        "order": [node["number"] for node in numbers["nodes"]],
        "totalCount": numbers["totalCount"],
        "statusCounts": answered_status_counts(numbers),
        "seriesCounts": answered_series_counts(numbers),
        "series": {node["name"]: node["id"] for node in data["series"]["nodes"]},
    }


def answered_status_counts(connection: Json) -> list[tuple[str, int]]:
    """The counts by status that are not zero, in the order they came."""
    counts = connection["statusCounts"]
    return [(each["status"], each["count"]) for each in counts if each["count"]]


def answered_series_counts(connection: Json) -> dict[str, int]:
    """The counts by series that are not zero."""
    counts = connection["seriesCounts"]
    return {each["series"]["name"]: each["count"] for each in counts if each["count"]}


def complete(connection: Json) -> list[Json]:
    """The nodes of a connection that has to hold everything on its one page, and nothing twice."""
    nodes: list[Json] = connection["nodes"]
    assert connection["totalCount"] == len(nodes), "totalCount and nodes differ"
    assert len({node["id"] for node in nodes}) == len(nodes), "a node is there twice"
    return nodes


# Organizations


def expected_organization(inventory: Inventory, actor: Actor, key: str) -> Json:
    """An organization with its figures."""
    found = inventory.organizations[key]
    own_parent = None if key == actor.acting else found.parent
    counts = figures(inventory, key)
    above = [above for above in inventory.chain(key) if inventory.in_scope(actor, above)]
    return {
        "name": found.name,
        "timeZone": found.time_zone,
        "childCount": len(inventory.children(key)),
        "availableActions": organization_actions(inventory, actor, key),
        "parent": own_parent,
        "ancestors": set(above) - {key},
        "utilization": {
            **counts.named(),
            **demand(inventory, key),
            "percent": percent(counts.inUse, counts.total),
            "thresholdPercent": found.threshold,
            "thresholdReached": threshold_reached(inventory, key),
            "categories": [
                (
                    category,
                    counts.named()[name],
                    percent(counts.named()[name], counts.total),
                )
                for category, name in CATEGORIES.items()
            ],
        },
        "inventory": {
            series: figures(inventory, key, series).named()
            for series in inventory.series
            if figures(inventory, key, series).total
        },
    }


def answered_organization(node: Json, ids: Ids) -> Json:
    """The same from an answer."""
    utilization: Json = dict(node["utilization"])
    utilization["percent"] = rounded(utilization["percent"])
    utilization["categories"] = [
        (part["category"], part["count"], rounded(part["percent"])) for part in utilization["categories"]
    ]
    inventory = {
        each["series"]["name"]: {name: each[name] for name in each if name != "series"}
        for each in node["inventory"]
        if each["total"]
    }
    return {
        "name": node["name"],
        "timeZone": node["timeZone"],
        "childCount": node["childCount"],
        "availableActions": once(node["availableActions"]),
        "parent": None if node["parent"] is None else ids.key(node["parent"]["id"]),
        "ancestors": {ids.key(above["id"]) for above in node["ancestors"]},
        "utilization": utilization,
        "inventory": inventory,
    }


def percent(part: int, total: int) -> float:
    """A share, close enough to compare."""
    return rounded(100 * part / total if total else 0.0)


def rounded(value: float) -> float:
    """A share rounded enough to ignore floating-point error."""
    return round(value, 9)


def once(values: list[str]) -> set[str]:
    """The set of a list in which nothing may come twice."""
    assert len(values) == len(set(values)), f"twice: {values}"
    return set(values)


# Numbers


def expected_number(inventory: Inventory, ids: Ids, actor: Actor, number: str) -> Json:
    """A row of the list, or a retired number."""
    found = inventory.numbers[number]
    user = None
    if found.user is not None:
        known = inventory.users[found.user]
        user = {"email": known.mail, "status": str(known.standing), "organization": found.holder}
    return {
        "id": ids.numbers[number],
        "status": str(found.status),
        "reservedTag": found.tag,
        "forwardingNumber": found.forwarding,
        "availableActions": number_actions(inventory, actor, number),
        "retired": found.retired,
        "series": found.series,
        "organization": found.holder,
        "user": user,
    }


def answered_number(node: Json, ids: Ids) -> Json:
    """The same from an answer."""
    user = node["user"]
    if user is not None:
        user = {**user, "organization": ids.key(user["organization"]["id"])}
    return {
        "id": node["id"],
        "status": node["status"],
        "reservedTag": node["reservedTag"],
        "forwardingNumber": node["forwardingNumber"],
        "availableActions": once(node["availableActions"]),
        "retired": node["retiredAt"] is not None,
        "series": node["series"]["name"],
        "organization": ids.key(node["organization"]["id"]),
        "user": user,
    }


# Users


def expected_user(inventory: Inventory, ids: Ids, actor: Actor, key: str) -> Json:
    """A row of the list of users."""
    user, number = inventory.users[key], inventory.number_of(key)
    return {
        "id": ids.users[key],
        "name": (user.first, user.last),
        "email": user.mail,
        "status": str(user.standing),
        "organization": user.organization,
        "number": None if number is None else number.number,
        "expires": user.expires is not None,
        "availableActions": user_actions(inventory, actor, key),
    }


def answered_user(node: Json, ids: Ids) -> Json:
    """The same from an answer."""
    return {
        "id": node["id"],
        "name": (node["firstName"], node["lastName"]),
        "email": node["email"],
        "status": node["status"],
        "organization": ids.key(node["organization"]["id"]),
        "number": node["phoneNumber"] and node["phoneNumber"]["number"],
        "expires": node["invitationExpiresAt"] is not None,
        "availableActions": once(node["availableActions"]),
    }


# Histories

Side = tuple[str | None, str | None, str | None, str | None, str | None]
"""A number before or after an event: holder, status, tag, forwarding number, user."""


def expected_history(inventory: Inventory, ids: Ids, actor: Actor, number: str) -> list[dict[str, Any]]:
    """The events of a number that an actor sees, newest first."""

    def side(snapshot: Snapshot | None) -> Side:
        if snapshot is None:
            return None, None, None, None, None
        holder = snapshot.holder if inventory.in_scope(actor, snapshot.holder) else None
        return holder, str(snapshot.status), snapshot.tag, snapshot.forwarding, snapshot.person

    def told(event: Event) -> dict[str, Any]:
        return {
            "action": str(event.kind),
            "number": number,
            "operation": ids.operations.get(event.operation),
            "before": side(event.before),
            "after": side(event.after),
        }

    return [told(event) for event in reversed(visible_history(inventory, actor, number))]


def answered_history(connection: Json, ids: Ids) -> list[dict[str, Any]]:
    """The same from an answer. Operations that the test did not start have no name here."""

    def side(node: Json, when: str) -> Side:
        organization = node[f"organization{when}"]
        key = None if organization is None else ids.key(organization["id"])
        plain = (node[f"{name}{when}"] for name in ("status", "reservedTag", "forwardingNumber", "user"))
        status, tag, forwarding, user = plain
        return key, status, tag, forwarding, user

    assert connection["totalCount"] == len(connection["nodes"])
    started = set(ids.operations.values())
    return [
        {
            "action": node["action"],
            "number": node["number"],
            "operation": node["operationId"] if node["operationId"] in started else None,
            "before": side(node, "Before"),
            "after": side(node, "After"),
        }
        for node in connection["nodes"]
    ]
