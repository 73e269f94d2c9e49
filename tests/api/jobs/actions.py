"""Asking for jobs, and looking at them."""

from __future__ import annotations

from typing import Any

from tests.support.inventory import Inventory

JOB = """id kind state done total percent changedCount operationId organizations { name } startedAt finishedAt
  report { url filename } errors { code message path numbers numberCount refusals { number status allowed } }"""
QUEUED = f"job {{ {JOB} }} userErrors {{ code message path }}"
LIST = """query ($states: [JobState!]) { jobs(states: $states) {
  nodes { id state done total changedCount operationId } totalCount } }"""


def queue(bank: Inventory, name: str, values: dict[str, Any], **caller: Any) -> Any:
    """The job that a mutation queues."""
    payload = bank.mutate(name, QUEUED, {**values, "asJob": True}, **caller)
    assert payload["userErrors"] == []
    assert payload["job"]["state"] == "QUEUED"
    return payload["job"]


def show(bank: Inventory, job_id: str, **caller: Any) -> Any:
    """A job, or None where the caller sees none."""
    query = f"query ($id: ID!) {{ node(id: $id) {{ ... on Job {{ {JOB} }} }} }}"
    return bank.ask(query, {"id": job_id}, **caller)["node"]


def run(bank: Inventory, name: str, values: dict[str, Any], **caller: Any) -> Any:
    """The job of a mutation after it has run."""
    job = queue(bank, name, values, **caller)
    bank.server.run_jobs()
    return show(bank, job["id"], **caller)


def report(bank: Inventory, job: Any) -> list[str]:
    """The lines of a job's report."""
    path = job["report"]["url"].removeprefix("http://dialtree.test")
    response = bank.server.run(bank.server.client.get(path))
    assert response.status_code == 200, response.text
    return response.text.removeprefix("\ufeff").splitlines()
