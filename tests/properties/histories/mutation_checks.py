"""What a mutation should answer, compared with what it did."""

from tests.properties.histories.documents import ADD, Verb
from tests.properties.histories.expected_answers import agree, answered_number, expected_number, once
from tests.properties.histories.ids import Ids
from tests.properties.histories.protocols import Json
from tests.properties.model.entities import Actor
from tests.properties.model.inventory import Inventory
from tests.properties.model.outcomes import Change, Refusal
from tests.properties.model.queries import number_actions

# What an answer says in values, not in objects: a replay has to say it again.
LASTING = ("changedCount", "skippedCount", "operationId", "retiredIds", "deletedIds", "deletedUserId", "userErrors")


def lasting(answer: Json) -> Json:
    """The part of an answer that a replay repeats."""
    return {name: value for name, value in answer.items() if name in LASTING}


def check_refusal(inventory: Inventory, actor: Actor, refusal: Refusal, answer: Json) -> None:
    """A refusal gives one code, names the numbers in its way, and reports no change."""
    errors = answer["userErrors"]
    assert {error["code"] for error in errors} == {str(refusal.code)}, (
        f"model refuses with {refusal}, server answers {answer}"
    )
    assert all(error["message"] for error in errors)
    if refusal.numbers:
        (error,) = errors
        assert once(error["numbers"]) == refusal.numbers
        assert error["numberCount"] == len(refusal.numbers)
        for each in error["refusals"]:
            number = each["number"]
            assert number in refusal.numbers
            assert each["status"] == inventory.numbers[number].status
            assert once(each["allowed"]) == number_actions(inventory, actor, number)
    # What is wrong with which line is part of a refusal.
    said_anyway = {"userErrors", "lines"}
    for name, value in answer.items():
        assert name in said_anyway or value in (None, 0, []), f"{name} is {value!r} in a refusal"
    if answer.get("lines") and refusal.numbers:
        assert {line["value"] for line in answer["lines"]} == refusal.numbers


def learn(verb: Verb, change: Change, answer: Json, after: Inventory, ids: Ids) -> None:
    """Take over the ids that the server gave to what the change made."""
    if change.organization is not None and "organization" in answer:
        ids.organizations.setdefault(change.organization, answer["organization"]["id"])
    if change.user is not None and "user" in answer:
        ids.users.setdefault(change.user, answer["user"]["id"])
    if change.series is not None:
        ids.series[change.series] = answer["series"]["id"]
    if verb is ADD:
        for node in answer["phoneNumbers"]:
            ids.numbers[node["number"]] = node["id"]
    if change.numbers and answer.get("operationId") is not None:
        ids.operations[after.operations] = answer["operationId"]


def check_change(now: Inventory, actor: Actor, change: Change, answer: Json, ids: Ids, *, dry: bool) -> None:
    """An answer reports the change; `now` is what the objects in it should be read from."""
    assert answer["userErrors"] == [], f"model accepts, server answers {answer}"
    pairs = _of_numbers(change, answer, ids, dry=dry)
    # On a dry run, what would be added is not there to be shown.
    if "phoneNumbers" in answer and not (dry and "skippedCount" in answer):
        pairs["phoneNumbers"] = (
            {one: expected_number(now, ids, actor, one) for one in change.numbers},
            {node["number"]: answered_number(node, ids) for node in answer["phoneNumbers"]},
        )
    pairs |= _of_organizations(now, change, answer, ids)
    agree(
        {name: model for name, (model, _) in pairs.items()},
        {name: server for name, (_, server) in pairs.items()},
        "answer",
    )


# What the model says, and what the server does.
Pairs = dict[str, tuple[object, object]]


def _of_numbers(change: Change, answer: Json, ids: Ids, *, dry: bool) -> Pairs:
    pairs: Pairs = {}
    if "changedCount" in answer:
        pairs["changedCount"] = len(change.numbers), answer["changedCount"]
    if "operationId" in answer:
        happened = bool(change.numbers) and not dry
        pairs["operation"] = happened, answer["operationId"] is not None
    if "skippedCount" in answer:
        pairs["skippedCount"] = len(change.skipped), answer["skippedCount"]
        pairs["lines"] = change.skipped, {line["value"] for line in answer["lines"]}
    if "retiredIds" in answer:
        gone = {ids.number(number) for number in change.numbers}
        pairs["retiredIds"] = gone, once(answer["retiredIds"])
    return pairs


def _of_organizations(now: Inventory, change: Change, answer: Json, ids: Ids) -> Pairs:
    pairs: Pairs = {}
    if "organizationCount" in answer:
        named = once([ids.key(node["id"]) for node in answer["organizations"]])
        pairs["organizations"] = set(change.organizations), named - (change.besides - change.organizations)
        pairs["organizationCount"] = len(named), answer["organizationCount"]
    if "deletedIds" in answer:
        gone = {ids.organization(key) for key in change.deleted}
        pairs["deletedIds"] = gone, once(answer["deletedIds"])
        pairs["parent"] = change.organization, ids.key(answer["parent"]["id"])
    if "previousParent" in answer:
        pairs["previousParent"] = change.previous_parent, ids.key(answer["previousParent"]["id"])
    if "organization" in answer and change.organization is not None:
        found, node = now.organizations[change.organization], answer["organization"]
        pairs["organization"] = (
            (change.organization, found.name, found.time_zone, found.threshold),
            (
                ids.key(node["id"]),
                node["name"],
                node["timeZone"],
                node["utilization"]["thresholdPercent"],
            ),
        )
    return pairs
