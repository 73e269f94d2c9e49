"""Histories of an organization at its threshold, step by step with the mails that each causes (T2)."""

from __future__ import annotations

from tests.api.mail.company import (
    Step,
    accept,
    add,
    allocate,
    cancel,
    delete_organization,
    delete_user,
    edit_tag,
    give_another,
    invite,
    invite_many,
    invite_saved,
    invite_without_number,
    load,
    move,
    move_organization,
    reserve,
    reserve_for,
    retire,
    save_without_number,
    threshold,
    unreserve,
    withdraw,
)

NOTHING: list[str] = []
History = list[tuple[Step, list[str]]]

HISTORIES: dict[str, History] = {
    "79 %, 80 %, 85 %, the last number, release below, and again": [
        (load("Halcyon/Sales", available=21, reserved=79), NOTHING),
        (invite("Halcyon/Sales"), ["Sales reached 80/100 assigning 1"]),
        (invite_many("Halcyon/Sales", 4), ["Sales assigned 4 at 84/100"]),
        (invite("Halcyon/Sales"), ["Sales assigned 1 at 85/100"]),
        (invite_many("Halcyon/Sales", 15), ["Sales assigned 15 at 100/100"]),
        (unreserve("Halcyon/Sales", 20), NOTHING),
        (unreserve("Halcyon/Sales", 1), NOTHING),
        (reserve("Halcyon/Sales", 1), ["Sales reached 80/100"]),
    ],
    "at the threshold only assignments are told": [
        (load("Halcyon/Sales", available=4, reserved=7), NOTHING),
        (reserve("Halcyon/Sales", 2), ["Sales reached 9/11"]),
        (reserve("Halcyon/Sales", 1), NOTHING),
        (edit_tag("Halcyon/Sales"), NOTHING),
        (invite("Halcyon/Sales"), ["Sales assigned 1 at 11/11"]),
    ],
    "an assignment of a reserved number is one as long as numbers are left": [
        (load("Halcyon/Sales", available=1, reserved=9), NOTHING),
        (invite("Halcyon/Sales", reservedTag="spare"), ["Sales assigned 1 at 9/10"]),
        (invite("Halcyon/Sales"), ["Sales assigned 1 at 10/10"]),
        (invite("Halcyon/Sales", reservedTag="spare"), NOTHING),
    ],
    "another number for the same user is an assignment, though as many are in use as before": [
        (load("Halcyon/Sales", available=3, reserved=6), NOTHING),
        (invite("Halcyon/Sales"), NOTHING),
        (reserve("Halcyon/Sales", 1), ["Sales reached 8/9"]),
        (give_another("Halcyon/Sales"), ["Sales assigned 1 at 8/9"]),
    ],
    "the threshold edited down past the present use, and up again": [
        (load("Halcyon/Sales", available=5, reserved=5), NOTHING),
        (threshold("Halcyon/Sales", 51), NOTHING),
        (threshold("Halcyon/Sales", 50), ["Sales reached 5/10"]),
        (threshold("Halcyon/Sales", 40), NOTHING),
        (threshold("Halcyon/Sales", 80), NOTHING),
        (threshold("Halcyon/Sales", 50), ["Sales reached 5/10"]),
        (threshold("Halcyon/Sales", 50), NOTHING),
    ],
    "allocated from the parent": [
        (load("Halcyon", available=10), NOTHING),
        (threshold("Halcyon/Sales", 100), NOTHING),
        (allocate("Halcyon", "Halcyon/Sales", 7), NOTHING),
        (allocate("Halcyon", "Halcyon/Sales"), ["Halcyon reached 8/10"]),
        (allocate("Halcyon", "Halcyon/Sales"), NOTHING),
        (withdraw("Halcyon/Sales", 2), NOTHING),
        (allocate("Halcyon", "Halcyon/Sales"), ["Halcyon reached 8/10"]),
    ],
    "moved in and out": [
        (load("Halcyon/Sales", available=3, reserved=8), NOTHING),
        (move("Halcyon/Sales", "Halcyon/Retail"), ["Sales reached 8/10"]),
        (move("Halcyon/Retail", "Halcyon/Sales"), NOTHING),
        (move("Halcyon/Sales", "Halcyon/Retail", status="RESERVED"), ["Retail reached 1/1"]),
    ],
    "nothing is never at its threshold": [
        (load("Halcyon/Retail", available=1), NOTHING),
        (load("Halcyon", available=98), NOTHING),
        (threshold("Halcyon/Retail", 1), NOTHING),
        (threshold("Halcyon/Sales", 1), NOTHING),
        (move("Halcyon/Retail", "Halcyon"), NOTHING),
        (threshold("Halcyon/Retail", 2), NOTHING),
        (retire("Halcyon", 99), NOTHING),
    ],
    "a threshold of 1": [
        (load("Halcyon/Sales", available=100), NOTHING),
        (load("Halcyon/Retail", available=101), NOTHING),
        (threshold("Halcyon/Sales", 1), NOTHING),
        (threshold("Halcyon/Retail", 1), NOTHING),
        (reserve("Halcyon/Sales"), ["Sales reached 1/100"]),
        (reserve("Halcyon/Retail"), NOTHING),
        (reserve("Halcyon/Retail"), ["Retail reached 2/101"]),
    ],
    "a threshold of 100": [
        (load("Halcyon/Sales", available=3), NOTHING),
        (threshold("Halcyon/Sales", 100), NOTHING),
        (invite("Halcyon/Sales"), NOTHING),
        (invite("Halcyon/Sales"), NOTHING),
        (invite("Halcyon/Sales"), ["Sales reached 3/3 assigning 1"]),
        (cancel, NOTHING),
        (reserve("Halcyon/Sales"), ["Sales reached 3/3"]),
    ],
    "integers, never rounded: 2 of 3 is not 67 %": [
        (load("Halcyon/Sales", available=2, reserved=1), NOTHING),
        (threshold("Halcyon/Sales", 67), NOTHING),
        (reserve("Halcyon/Sales"), NOTHING),
        (threshold("Halcyon/Sales", 66), ["Sales reached 2/3"]),
    ],
    "ancestors are told where their own figures changed": [
        (load("Halcyon", available=5), NOTHING),
        (load("Halcyon/Sales", available=5), NOTHING),
        (threshold("Halcyon", 60), NOTHING),
        (threshold("Halcyon/Sales/Desk", 100), NOTHING),
        (allocate("Halcyon/Sales", "Halcyon/Sales/Desk", 4), ["Sales reached 4/5"]),
        (move("Halcyon", "Halcyon/Sales/Desk"), ["Halcyon reached 6/10"]),
        (invite("Halcyon/Sales/Desk"), NOTHING),
        (invite_many("Halcyon/Sales/Desk", 4), ["Desk reached 5/5 assigning 4"]),
    ],
    "a number reserved for another organization is its own from then on": [
        (load("Halcyon", available=5), NOTHING),
        (load("Halcyon/Sales", available=1, reserved=3), NOTHING),
        (reserve_for("Halcyon", "Halcyon/Sales"), ["Sales reached 4/5"]),
        (reserve_for("Halcyon", "Halcyon/Sales/Desk", 4), ["Halcyon reached 9/9", "Desk reached 4/4"]),
    ],
    "a number picked on acceptance is assigned then, one that was invited onto only before": [
        (load("Halcyon/Sales", available=3, reserved=7), NOTHING),
        (invite_without_number("Halcyon/Sales"), NOTHING),
        (accept, ["Sales reached 8/10 assigning 1"]),
        (invite("Halcyon/Sales"), ["Sales assigned 1 at 9/10"]),
        (accept, NOTHING),
        (invite_without_number("Halcyon/Sales"), NOTHING),
        (accept, ["Sales assigned 1 at 10/10"]),
    ],
    "deleted users release below, or reserve and change nothing": [
        (load("Halcyon/Sales", available=3, reserved=7), NOTHING),
        (invite("Halcyon/Sales"), ["Sales reached 8/10 assigning 1"]),
        (delete_user("RESERVE", tag="spare"), NOTHING),
        (invite("Halcyon/Sales"), ["Sales assigned 1 at 9/10"]),
        (unreserve("Halcyon/Sales"), NOTHING),
        (delete_user("RELEASE"), NOTHING),
        (invite("Halcyon/Sales"), ["Sales reached 8/10 assigning 1"]),
    ],
    "an organization deleted below gives its numbers back": [
        (load("Halcyon/Sales", available=2), NOTHING),
        (load("Halcyon/Sales/Desk", reserved=8), NOTHING),
        (delete_organization("Halcyon/Sales/Desk"), NOTHING),
        (unreserve("Halcyon/Sales"), NOTHING),
        (reserve("Halcyon/Sales"), ["Sales reached 8/10"]),
    ],
}

CAUSES: dict[str, History] = {
    "reserveNumbers": [(load("Halcyon", available=10), NOTHING), (reserve("Halcyon", 8), ["Halcyon reached 8/10"])],
    "moveNumbers": [
        (load("Halcyon/Sales", available=3, reserved=8), NOTHING),
        (move("Halcyon/Sales", "Halcyon/Retail"), ["Sales reached 8/10"]),
    ],
    "allocateNumbers": [
        (load("Halcyon", available=10), NOTHING),
        (allocate("Halcyon", "Halcyon/Sales", 8), ["Halcyon reached 8/10"]),
    ],
    "withdrawNumbers": [
        (load("Halcyon/Sales", available=3, reserved=8), NOTHING),
        (withdraw("Halcyon/Sales"), ["Sales reached 8/10"]),
    ],
    "retireNumbers": [
        (load("Halcyon", available=3, reserved=8), NOTHING),
        (retire("Halcyon"), ["Halcyon reached 8/10"]),
    ],
    "addNumbers": [
        (load("Halcyon", available=2), NOTHING),
        (load("Halcyon/Sales", available=7), NOTHING),
        (add("Halcyon/Sales"), ["Halcyon reached 8/10"]),
    ],
    "inviteUser": [
        (load("Halcyon", available=3, reserved=7), NOTHING),
        (invite("Halcyon"), ["Halcyon reached 8/10 assigning 1"]),
    ],
    "inviteUsers": [
        (load("Halcyon", available=3, reserved=7), NOTHING),
        (invite_many("Halcyon", 2), ["Halcyon reached 9/10 assigning 2"]),
    ],
    "resendInvitation": [
        (load("Halcyon", available=3, reserved=7), NOTHING),
        (save_without_number("Halcyon"), NOTHING),
        (invite_saved("Halcyon"), ["Halcyon reached 8/10 assigning 1"]),
    ],
    "acceptInvitation": [
        (load("Halcyon", available=3, reserved=7), NOTHING),
        (invite_without_number("Halcyon"), NOTHING),
        (accept, ["Halcyon reached 8/10 assigning 1"]),
    ],
    "setUtilizationThreshold": [
        (load("Halcyon", available=5, reserved=5), NOTHING),
        (threshold("Halcyon", 50), ["Halcyon reached 5/10"]),
    ],
    "moveOrganization": [
        (load("Halcyon/Retail", available=2), NOTHING),
        (load("Halcyon/Sales/Desk", available=8), NOTHING),
        (move_organization("Halcyon/Sales/Desk", "Halcyon/Retail"), ["Retail reached 8/10"]),
    ],
}
"""Every mutation that can bring an organization to its threshold."""

NO_CAUSES = {
    # They free numbers, or leave in use what was.
    "unreserveNumbers",
    "cancelInvitation",
    "deleteUser",
    "deleteOrganization",
    "editReservedTag",
    "updateForwardingNumber",
    "removeForwardingNumber",
    # They change no numbers.
    "createOrganization",
    "updateOrganization",
    "createSeries",
    "updateSeries",
    "updateUser",
    "requestMoreNumbers",
    "cancelJob",  # undoes what was never committed
    "retryMailDelivery",
    "inviteAdministrator",
    "updateAdministrator",
    "deleteAdministrator",
    "createApiKey",
    "revokeApiKey",
    "changePassword",
    "setPassword",
    "requestPasswordReset",
    "signIn",
    "recordUsage",
    "signOut",
    "renewSession",
}
