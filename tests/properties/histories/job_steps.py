"""Changes that are made by a job instead of at once."""

from tests.properties.histories import documents
from tests.properties.histories.documents import ERRORS, NUMBER, Verb
from tests.properties.histories.protocols import Json, Reader
from tests.properties.histories.strategies import Seat
from tests.support.server import Server

JOBS = (
    documents.MOVE,
    documents.RESERVE,
    documents.UNRESERVE,
    documents.ALLOCATE,
    documents.WITHDRAW,
    documents.ADD,
    documents.RETIRE,
)

_JOB = f"""
query Job($id: ID!) {{
  node(id: $id) {{ ... on Job {{
    state done total changedCount operationId organizations {{ id }} {ERRORS.replace("userErrors", "errors")}
  }} }}
}}
"""
_CANCEL = "mutation ($id: ID!) { cancelJob(input: {jobId: $id}) { job { state } userErrors { code } } }"
_ADDED = f"""
query Added($numbers: [E164!]) {{ phoneNumbers(filter: {{numbers: $numbers}}, first: 200) {{ nodes {{ {NUMBER} }} }} }}
"""


def answer_of_job(
    server: Server, read: Reader, seat: Seat, verb: Verb, said: Json, *, numbers: list[str], cancels: bool
) -> Json | None:
    """Make a change as a job, and return what the mutation would have answered; None if the job was cancelled.

    `numbers` are those that it should add.
    """
    queued: Json = read(seat, Verb(verb.name, "job { id state }").document, {"input": said | {"asJob": True}})["answer"]
    if queued["userErrors"]:
        assert queued["job"] is None
        return {"userErrors": queued["userErrors"]}
    identity = {"id": queued["job"]["id"]}
    if cancels:
        expected = {"job": {"state": "CANCELLED"}, "userErrors": []}
        assert read(seat, _CANCEL, identity)["cancelJob"] == expected
    server.run_jobs()
    job = read(seat, _JOB, identity)["node"]
    if cancels:
        assert (job["state"], job["changedCount"], job["operationId"]) == ("CANCELLED", 0, None)
        return None
    if job["errors"]:
        assert (job["state"], job["changedCount"], job["operationId"]) == ("FAILED", 0, None)
        return {"userErrors": job["errors"]}
    assert (job["state"], job["done"]) == ("SUCCEEDED", job["total"])
    answer = {
        "userErrors": [],
        **{name: job[name] for name in ("changedCount", "operationId", "organizations")},
        "organizationCount": len(job["organizations"]),
    }
    if verb is documents.ADD:
        answer["phoneNumbers"] = read(seat, _ADDED, {"numbers": numbers})["phoneNumbers"]["nodes"]
    return answer
