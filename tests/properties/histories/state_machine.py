"""The state machine of histories: it applies every change to the server and the model, and compares the results."""

from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from unittest.mock import patch

from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine, invariant

from domain.limits import MAIL_TO_RECIPIENT
from resolvers.core import limits
from tests.properties.histories.documents import HISTORIES, OBJECTS, ORGANIZATIONS, PHONE_NUMBER, VIEWER, Verb
from tests.properties.histories.expected_answers import (
    agree,
    answered_history,
    answered_number,
    answered_view,
    expected_history,
    expected_number,
    expected_view,
)
from tests.properties.histories.ids import Ids
from tests.properties.histories.initial_state import CALLERS, numbers_csv, organizations_csv, planted
from tests.properties.histories.job_steps import JOBS, answer_of_job
from tests.properties.histories.mailbox import Mailbox, appoint
from tests.properties.histories.mutation_checks import check_change, check_refusal, learn
from tests.properties.histories.protocols import Json, OpenServer
from tests.properties.histories.strategies import Draw, Seat
from tests.properties.model.alerts import alerts
from tests.properties.model.inventory import Inventory
from tests.properties.model.outcomes import Change, Refusal, attempt
from tests.properties.model.users import end_invitations
from tests.properties.model.vocabulary import READERS, Code, Role

RECOUNT_EVERY = 5
ALL_ORGANIZATIONS = (
    "query All { organizations(first: 100) { nodes { id name parent { id } } } "
    "phoneNumbers(first: 200) { nodes { id number user { id } } } series(first: 100) { nodes { id name } } }"
)


@dataclass(frozen=True)
class Done:
    """A change that was asked for under an idempotency key, to be asked for again."""

    seat: Seat
    verb: Verb
    input: Json
    answer: Json


class History(RuleBasedStateMachine):
    """A server and a model with the same initial state."""

    def __init__(self, open_server: OpenServer) -> None:
        super().__init__()
        self.stack = ExitStack()
        # Histories have few people, whom they invite again and again.
        unlimited = replace(MAIL_TO_RECIPIENT, windows=())
        self.stack.enter_context(patch.object(limits, "MAIL_TO_RECIPIENT", unlimited))
        self.server = self.stack.enter_context(open_server())
        self.server.import_organizations(organizations_csv())
        self.server.import_numbers(numbers_csv())
        self.inventory, _ = planted()
        self.tokens = {
            key: self.server.create_key(organization=path, role=str(role))
            for key, (path, role) in zip(self.inventory.callers, CALLERS, strict=True)
        }
        appoint(self.server)
        self.mailbox = Mailbox(self.server)
        self.first_caller = next(iter(self.inventory.callers.values()))
        self.ids = Ids()
        self._learn_ids()
        self._pass_time(1)
        self.done: list[Done] = []
        self.turn = 0
        self.asked = 0

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.stack.close()

    # Sending

    def ask(self, seat: Seat, document: str, variables: Json | None = None) -> Json:
        """Send a request from a seat."""
        return self.server.execute(
            document,
            variables,
            token=self.tokens[seat.caller.key],
            acting=self.ids.organization(seat.acting),
        )

    def read(self, seat: Seat, document: str, variables: Json | None = None) -> Json:
        """Send a query that has to succeed."""
        answer = self.ask(seat, document, variables)
        assert not answer.get("errors"), answer["errors"]
        data: Json = answer["data"]
        return data

    def change(
        self,
        draw: Draw,
        seat: Seat,
        verb: Verb,
        said: Json,
        action: partial[Change],
    ) -> None:
        """Make a change on both sides, and compare what they say of it."""
        dry = verb.takes_dry_run and draw.pick(range(6)) == 1
        by_job = verb in JOBS and not dry and draw.pick(range(6)) == 1
        self.asked += 1
        key = None if dry or by_job or draw.pick(range(3)) else f"key {self.asked}"
        said = said | ({"dryRun": True} if dry else {}) | ({"idempotencyKey": key} if key else {})
        after, outcome = attempt(self.inventory, action)
        flags = {name: value for name, value in said.items() if name in {"dryRun", "idempotencyKey"}}
        note(f"{verb.name} {action.keywords} {flags or ''}\n  -> {outcome!r}")
        actor = seat.actor
        before = self.inventory
        if by_job:
            answer = self.change_by_job(seat, verb, said, outcome, cancels=draw.pick(range(3)) == 1)
        else:
            answer = self.read(seat, verb.document, {"input": said})["answer"]
        if answer is None:
            note("  cancelled")
        elif isinstance(outcome, Refusal):
            check_refusal(self.inventory, actor, outcome, answer)
            # A conflict is tried again under its key, so nothing is remembered of it.
            if key and outcome.code is not Code.CONFLICT:
                self.done.append(Done(seat, verb, said, answer))
        elif dry:
            check_change(self.inventory, actor, outcome, answer, self.ids, dry=True)
        else:
            assert answer["userErrors"] == [], f"model accepts, server answers {answer}"
            learn(verb, outcome, answer, after, self.ids)
            check_change(after, actor, outcome, answer, self.ids, dry=False)
            self.inventory = after
            if key:
                self.done.append(Done(seat, verb, said, answer))
            self.check_histories(seat, outcome, answer)
        self.check_alerts(before)
        self._pass_time(draw.pick((1, 2, 3600)))

    def change_by_job(
        self, seat: Seat, verb: Verb, said: Json, outcome: Change | Refusal, *, cancels: bool
    ) -> Json | None:
        """Make a change as a job, and return its answer; None if the job was cancelled."""
        numbers = sorted(outcome.numbers)
        return answer_of_job(self.server, self.read, seat, verb, said, numbers=numbers, cancels=cancels)

    # Comparing

    def check_alerts(self, before: Inventory) -> None:
        """Compare who has been told of what became of an organization's utilization since then."""
        told = sorted(map(repr, alerts(before, self.inventory)))
        agree(told, sorted(map(repr, self.mailbox.new_alerts())), "mails about utilization")

    @invariant()
    def everybody_sees_what_he_should(self) -> None:
        """Compare all that the first caller sees, and what one other does; now and then recount."""
        self.turn += 1
        assert self.mailbox.new_alerts() == [], "a replay or a query sent an alert"
        self.check_view(Seat(self.first_caller, self.inventory.root))
        seats = [
            Seat(caller, acting)
            for caller in self.inventory.callers.values()
            for acting in sorted(self.inventory.subtree(caller.home))
        ]
        # A stride that shares no factor with most lengths visits all seats sooner or later.
        self.check_view(seats[self.turn * 7 % len(seats)])
        retired = sorted(number for number, found in self.inventory.numbers.items() if found.retired)
        if retired:
            self.check_retired(seats[self.turn * 7 % len(seats)], retired[self.turn % len(retired)])
        if self.turn % RECOUNT_EVERY == 0:
            assert self.server.differences() == []

    def check_view(self, seat: Seat) -> None:
        """Compare everything that a caller sees."""
        actor = seat.actor
        hidden = [
            identity for key, identity in self.ids.organizations.items() if not self.inventory.in_scope(actor, key)
        ] + [
            identity
            for number, identity in self.ids.numbers.items()
            if not self.inventory.covers(actor.acting, self.inventory.numbers[number].holder)
        ]
        hidden = hidden[:40]
        if actor.role not in READERS:
            for query, variables in ((ORGANIZATIONS, {}), (OBJECTS, {"numbers": 120, "hidden": hidden})):
                answer = self.ask(seat, query, variables)
                assert answer.get("errors"), "USAGE_WRITER can read"
                assert not answer.get("data"), "USAGE_WRITER can read"
            assert self.read(seat, VIEWER)["viewer"]["role"] == Role.USAGE_WRITER
            return
        data = self.read(seat, OBJECTS, {"numbers": 120, "hidden": hidden}) | self.read_organizations(seat)
        agree(
            expected_view(self.inventory, self.ids, seat.caller, actor),
            answered_view(data, self.ids, seat.caller, actor),
            f"view of {actor}",
        )
        assert data["nodes"] == [None] * len(hidden), "sees what is out of scope"

    def read_organizations(self, seat: Seat) -> Json:
        """Read the caller and all organizations in scope, page by page: one page of all would cost too much."""
        data = self.read(seat, ORGANIZATIONS)
        page = data["organizations"]
        while page["pageInfo"]["hasNextPage"]:
            page = self.read(seat, ORGANIZATIONS, {"after": page["pageInfo"]["endCursor"]})["organizations"]
            assert page["totalCount"] == data["organizations"]["totalCount"]
            data["organizations"]["nodes"] += page["nodes"]
        return data

    def check_histories(self, seat: Seat, change: Change, answer: Json) -> None:
        """Compare what is told of the numbers that just changed, and the operation itself."""
        numbers = sorted(number for number in change.numbers)[:20]
        live = [number for number in numbers if not self.inventory.numbers[number].retired]
        operation = answer.get("operationId")
        if live:
            variables = {"numbers": live, "first": len(live), "operation": operation or ""}
            data = self.read(seat, HISTORIES, variables)
            told = {
                node["number"]: answered_history(node["history"], self.ids) for node in data["phoneNumbers"]["nodes"]
            }
            agree(
                {one: expected_history(self.inventory, self.ids, seat.actor, one) for one in live},
                told,
                "history",
            )
            if operation is not None:
                kind = self.inventory.numbers[live[0]].history[-1].kind
                expected = {"action": str(kind), "changedCount": len(change.numbers)}
                agree(expected, data["node"], "operation")
        for number in [number for number in numbers if number not in live][:2]:
            self.check_retired(seat, number)

    def check_retired(self, seat: Seat, number: str) -> None:
        """A retired number is still told of, to those who could see it."""
        if seat.caller.role not in READERS:
            return
        node = self.read(seat, PHONE_NUMBER, {"number": number})["phoneNumber"]
        actor = seat.actor
        if not self.inventory.in_scope(actor, self.inventory.numbers[number].holder):
            assert node is None
            return
        agree(
            expected_number(self.inventory, self.ids, actor, number),
            answered_number(node, self.ids),
            f"number {number}",
        )
        agree(
            {number: expected_history(self.inventory, self.ids, actor, number)},
            {number: answered_history(node["history"], self.ids)},
            "history",
        )

    # The start

    def _learn_ids(self) -> None:
        data = self.server.execute(ALL_ORGANIZATIONS, token=self.tokens[self.first_caller.key], acting=None)["data"]
        self.ids.series = {node["name"]: node["id"] for node in data["series"]["nodes"]}
        self.ids.numbers = {node["number"]: node["id"] for node in data["phoneNumbers"]["nodes"]}
        for node in data["phoneNumbers"]["nodes"]:
            user = self.inventory.numbers[node["number"]].user
            if user is not None:
                self.ids.users[user] = node["user"]["id"]
        found = {
            ((node["parent"] or {}).get("id"), node["name"]): node["id"] for node in data["organizations"]["nodes"]
        }
        # The model planted parents before their children.
        for key, organization in self.inventory.organizations.items():
            above = organization.parent
            parent = None if above is None else self.ids.organizations[above]
            self.ids.organizations[key] = found[parent, organization.name]

    def _pass_time(self, seconds: int) -> None:
        self.server.advance(seconds)
        self.inventory.now += seconds
        end_invitations(self.inventory)
