"""The progress of a job, as another process makes it."""

from __future__ import annotations

from tests.api.subscriptions.conftest import Live
from tests.support.subscribing import socket

PROGRESS = "subscription ($id: ID!) { jobProgress(id: $id) { state done changedCount operationId } }"
NOT_THERE = "Sm9iOjk5"


def test_a_job_is_followed_to_its_end(live: Live) -> None:
    bank = live.bank
    wanted = {"numberIds": bank.numbers("+14185550100", "+14185550101"), "tag": "x", "asJob": True}
    job = bank.mutate("reserveNumbers", "job { id } userErrors { message }", wanted)["job"]["id"]
    with socket(live.address, token=bank.token()) as client:
        follows = client.subscribe(PROGRESS, {"id": job})
        states = []
        while (message := client.message(follows))["type"] == "next":
            states.append(message["payload"]["data"]["jobProgress"])
        assert message == {"type": "complete", "id": follows}
        assert states[-1]["state"] == "SUCCEEDED"
        assert (states[-1]["done"], states[-1]["changedCount"]) == (2, 2)
        ended = client.subscribe(PROGRESS, {"id": job})
        assert client.data(ended) == states[-1]
        assert client.message(ended)["type"] == "complete"


def test_jobs_out_of_scope_are_not_found(live: Live) -> None:
    bank = live.bank
    wanted = {"numberIds": bank.numbers("+14185550100"), "tag": "x", "asJob": True}
    job = bank.mutate("reserveNumbers", "job { id }", wanted)["job"]["id"]
    with socket(live.address, token=bank.token("Bank/Sales")) as client:
        for id_ in (job, NOT_THERE, ""):
            follows = client.subscribe(PROGRESS, {"id": id_})
            assert client.message(follows)["payload"][0]["extensions"]["code"] == "NOT_FOUND"
