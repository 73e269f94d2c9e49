"""The lifecycle table: every action in every status, against SPEC's table written out once more."""

from __future__ import annotations

import pytest

from domain.access import Role
from domain.errors import OffendingNumber
from domain.lifecycle import TRANSITIONS, allows, available_actions, refuse_transition, sources
from domain.statuses import NumberAction, NumberStatus

ALLOWED = {
    "AVAILABLE": {"MOVE", "RESERVE", "INVITE", "RETIRE"},
    "RESERVED": {"MOVE", "EDIT_TAG", "UNRESERVE", "INVITE"},
    "ASSIGNED": {"CANCEL_INVITATION", "RESEND_INVITATION", "DELETE_USER"},
    "IN_USE": {"MOVE", "DELETE_USER"},
}
FORWARDING = {"UPDATE_FORWARDING", "REMOVE_FORWARDING"}


def actions(status: NumberStatus, role: Role = Role.OWNER, *, forwarded: bool = False, **more: bool) -> list[str]:
    place = {"retired": False, "at_root": True} | more
    return [action.value for action in available_actions(status, role, forwarded=forwarded, **place)]


@pytest.mark.parametrize("status", list(NumberStatus))
def test_a_status_allows_the_actions_of_the_table(status: NumberStatus) -> None:
    assert set(actions(status)) == ALLOWED[status.name]
    forwarded = ALLOWED[status.name] | (FORWARDING if status is NumberStatus.RESERVED else set())
    assert set(actions(status, forwarded=True)) == forwarded


@pytest.mark.parametrize("status", list(NumberStatus))
@pytest.mark.parametrize("forwarded", [False, True])
def test_every_action_is_allowed_or_refused_in_every_status(status: NumberStatus, *, forwarded: bool) -> None:
    assert set(TRANSITIONS) == set(NumberAction)
    found = {action.value for action in NumberAction if allows(action, status, forwarded=forwarded)}
    assert found == set(actions(status, forwarded=forwarded))
    assert all((status in sources(action)) >= allows(action, status) for action in NumberAction)


@pytest.mark.parametrize("status", list(NumberStatus))
def test_actions_are_in_menu_order(status: NumberStatus) -> None:
    order = [action.value for action in NumberAction]
    found = actions(status, forwarded=True)
    assert found == sorted(found, key=order.index)


def test_retiring_is_only_offered_at_the_root() -> None:
    assert actions(NumberStatus.AVAILABLE, at_root=False) == ["MOVE", "RESERVE", "INVITE"]


@pytest.mark.parametrize("status", list(NumberStatus))
def test_no_action_is_offered_on_retired_numbers_or_to_viewers(status: NumberStatus) -> None:
    assert actions(status, retired=True, forwarded=True) == []
    assert actions(status, Role.VIEWER, forwarded=True) == []
    assert actions(status, Role.USAGE_WRITER, forwarded=True) == []
    assert actions(status, Role.ADMIN) == actions(status, Role.OWNER)


def test_statuses_sort_in_lifecycle_order() -> None:
    assert [status.name for status in sorted(NumberStatus)] == ["AVAILABLE", "RESERVED", "ASSIGNED", "IN_USE"]


def test_a_refusal_names_the_number_its_status_and_the_allowed_actions() -> None:
    offender = OffendingNumber("+14188980000", NumberStatus.ASSIGNED, (NumberAction.DELETE_USER,))
    refused = refuse_transition(NumberAction.RESERVE, [offender], count=3, path=("input",))
    assert refused.message == (
        "+14188980000 is ASSIGNED, which does not allow RESERVE; it allows DELETE_USER."
        " 2 more numbers do not allow it either."
    )
    assert (refused.offending_numbers, refused.number_count) == ((offender,), 3)
