"""Report links: their format, permissions and expiry, and the record of every download."""

from __future__ import annotations

import string
from contextlib import closing
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.application import create_application
from app.settings import Settings
from domain.reports import Report, filename
from tests.api.reports.conftest import Reports
from tests.support.database_dump import dump
from tests.support.server import Server

CHANGED = "This is not a valid download link of this server.\n"
EXPIRED = "This download link has expired. Request a new one.\n"
ENDED = "The user who requested this download is no longer signed in.\n"
FIELDS = [
    "numberUtilizationReport",
    "phoneNumbersReport",
    'consumptionReport(from: "2026-10-01", to: "2026-10-31")',
]
ACTIVITY = "{ organization { activity { nodes { action actor organization { name } changes { field after } } } } }"


def refused(bank: Reports, url: str) -> str:
    """Return the message of a refused link; it must not have written anything."""
    before = dump(bank.server)
    response = bank.get(url)
    assert response.status_code == 403
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert dump(bank.server) == before
    return response.text


@pytest.mark.parametrize(
    ("field", "filename"),
    [
        ("numberUtilizationReport", "number-utilization_Bank_2026-11-21.csv"),
        ("phoneNumbersReport", "phone-numbers_Bank_2026-11-21.csv"),
        (FIELDS[2], "consumption_Bank_2026-10-01_2026-10-31.csv"),
    ],
)
def test_a_link_lasts_five_minutes_and_names_its_file(bank: Reports, field: str, filename: str) -> None:
    link = bank.link(field)
    assert (link["filename"], link["expiresAt"]) == (filename, "2026-11-21T09:05:00Z")
    assert urlsplit(link["url"]).path == f"/download/{filename}"
    response = bank.get(link["url"])
    assert response.headers["content-disposition"] == f"attachment; filename*=UTF-8''{filename}"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_the_file_is_named_for_the_organizations_own_day(bank: Reports) -> None:
    bank.server.advance(-5 * 3600)  # eleven in the evening in New York
    assert bank.link("phoneNumbersReport")["filename"] == "phone-numbers_Bank_2026-11-20.csv"


def test_characters_that_are_invalid_in_file_names_are_replaced(bank: Reports) -> None:
    place = bank.organization("Bank/Zürich\\/Süd")
    link = bank.link(f'numberUtilizationReport(organizationId: "{place}")')
    assert link["filename"] == "number-utilization_Zürich-Süd_2026-11-21.csv"
    disposition = bank.get(link["url"]).headers["content-disposition"]
    assert disposition == "attachment; filename*=UTF-8''number-utilization_Z%C3%BCrich-S%C3%BCd_2026-11-21.csv"


@pytest.mark.parametrize("letter", ["x", "Ω", "東", "𠀀"])
@pytest.mark.parametrize("report", Report)
def test_a_file_name_fits_255_bytes(report: Report, letter: str) -> None:
    name = filename(report, letter * 100, date(2026, 10, 1), date(2026, 10, 31))
    assert name.startswith(f"{report.value}_{letter * 45}")
    assert name.endswith(f"{letter}_2026-10-01_2026-10-31.csv")
    assert len(name.encode()) <= 255


@pytest.mark.parametrize("field", FIELDS)
def test_an_expired_link_is_refused(bank: Reports, field: str) -> None:
    url = bank.link(field)["url"]
    bank.server.advance(299)
    assert bank.get(url).status_code == 200
    bank.server.advance(1)
    assert refused(bank, url) == EXPIRED


def test_a_changed_link_is_refused(bank: Reports) -> None:
    url = bank.link("phoneNumbersReport", at="Bank/=Sales")["url"]
    signed = parse_qs(urlsplit(url).query)["link"][0]
    payload, _, signature = signed.rpartition(".")
    other = parse_qs(urlsplit(bank.link("phoneNumbersReport")["url"]).query)["link"][0]
    for wrong in (
        f"{other.rpartition('.')[0]}.{signature}",
        payload,
        f"{payload}.",
        f"{signed}x",
        f"x{signed}",
        "",
        "null",
        "%00",
        "%FF",
    ):
        assert refused(bank, f"/download/x.csv?link={wrong}") == CHANGED
    assert refused(bank, "/download/x.csv") == CHANGED
    assert bank.get(url).status_code == 200


def test_a_link_with_another_last_character_is_refused(bank: Reports) -> None:
    url = bank.link("phoneNumbersReport")["url"]
    for character in set(f"{string.ascii_letters}{string.digits}-_=") - {url[-1]}:
        assert refused(bank, url[:-1] + character) == CHANGED
    assert refused(bank, f"{url}=") == CHANGED
    assert bank.get(url).status_code == 200


def test_a_link_of_another_deployment_is_refused(bank: Reports, server: Server) -> None:
    url = bank.link("phoneNumbersReport")["url"]
    settings = Settings(database_url=server.url, secret="another secret of more than 32 characters")
    other = create_application(settings, clock=server.clock, works_in_background=False)

    async def get() -> tuple[int, str]:
        async with (
            other.router.lifespan_context(other),
            httpx.AsyncClient(transport=httpx.ASGITransport(other), base_url="http://other.test") as client,
        ):
            response = await client.get(urlsplit(url)._replace(scheme="", netloc="").geturl())
            return response.status_code, response.text

    assert server.run(get()) == (403, CHANGED)


def test_a_link_of_a_revoked_api_key_is_refused(bank: Reports) -> None:
    key = bank.server.create_key(organization="Bank", role="VIEWER", name="dashboard")
    url = bank.server.ask("{ phoneNumbersReport { url } }", token=key)["phoneNumbersReport"]["url"]
    assert bank.get(url).status_code == 200
    bank.server.revoke_key("dashboard")
    assert refused(bank, url) == ENDED


def test_a_link_of_a_signed_out_session_is_refused(bank: Reports) -> None:
    bank.server.create_administrator(
        organization="Bank", role="VIEWER", email="ada@bank.test", password="correct horse"
    )
    sign_in = 'mutation { signIn(input: {email: "ada@bank.test", password: "correct horse"}) { token } }'
    token = bank.server.ask(sign_in, token=None)["signIn"]["token"]
    url = bank.server.ask("{ phoneNumbersReport { url } }", token=token)["phoneNumbersReport"]["url"]
    assert bank.get(url).status_code == 200
    bank.server.ask("mutation { signOut { userErrors { code } } }", token=token)
    assert refused(bank, url) == ENDED


def test_a_link_applies_the_callers_scope_at_download_time(bank: Reports) -> None:
    url = bank.link("phoneNumbersReport", at="Bank/=Sales", role="VIEWER")["url"]
    target = bank.organization("Bank")
    bank.mutate("moveNumbers", "changedCount", {"numberIds": [bank.number("+14185550105")], "organizationId": target})
    assert len(bank.get(url).text.splitlines()) == 1 + 3


def test_a_link_of_a_deleted_organization_is_refused(bank: Reports) -> None:
    place = bank.organization('Bank/=Sales/"Desk", Nachtdienst')
    token = bank.token("Bank", "VIEWER")
    answer = bank.server.ask("{ phoneNumbersReport { url } }", token=token, acting=place)
    bank.mutate("deleteOrganization", "changedCount", {"organizationId": place})
    assert refused(bank, answer["phoneNumbersReport"]["url"]) == "There is no such organization in your scope.\n"


def test_acting_from_an_organization_narrows_the_report(bank: Reports) -> None:
    place = bank.organization("Bank/=Sales")
    answer = bank.server.ask("{ phoneNumbersReport { url } }", token=bank.token(), acting=place)
    assert len(bank.get(answer["phoneNumbersReport"]["url"]).text.splitlines()) == 1 + 4


@pytest.mark.parametrize("field", FIELDS)
def test_downloading_requires_read_access(bank: Reports, field: str) -> None:
    for role in ("OWNER", "ADMIN", "VIEWER"):
        assert bank.link(field, role=role)["url"]
    answer = bank.server.execute(f"{{ {field} {{ url }} }}", token=bank.token(role="USAGE_WRITER"))
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    answer = bank.server.execute(f"{{ {field} {{ url }} }}", token=None)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]


def test_every_download_is_recorded(bank: Reports) -> None:
    bank.token(role="VIEWER")
    before = bank.ask(ACTIVITY)["organization"]["activity"]["nodes"]
    url = bank.link("numberUtilizationReport", role="VIEWER")["url"]
    assert bank.ask(ACTIVITY)["organization"]["activity"]["nodes"] == before
    for _ in range(2):
        assert bank.get(url).status_code == 200
    recorded: list[dict[str, Any]] = bank.ask(ACTIVITY)["organization"]["activity"]["nodes"][: -len(before)]
    assert len(recorded) == 2
    for one in recorded:
        assert one["action"] == "REPORT_DOWNLOADED"
        assert one["actor"].startswith("VIEWER")
        assert one["organization"] == {"name": "Bank"}
        assert {change["field"]: change["after"] for change in one["changes"]} == {
            "report": "number-utilization",
            "filename": "number-utilization_Bank_2026-11-21.csv",
        }


def test_a_head_request_is_not_recorded_as_a_download(bank: Reports) -> None:
    link = bank.link("phoneNumbersReport")
    before = dump(bank.server)
    response = bank.server.run(bank.server.client.head(link["url"]))
    assert (response.status_code, response.content) == (200, b"")
    assert link["filename"] in response.headers["content-disposition"]
    assert "content-length" not in response.headers
    assert dump(bank.server) == before


@pytest.mark.parametrize(
    ("period", "argument"),
    [
        ('from: "2026-10-02", to: "2026-10-01"', ["to"]),
        ('from: "2011-12-31", to: "2026-10-01"', ["from"]),
        ('from: "2026-10-01", to: "2100-01-01"', ["to"]),
    ],
)
def test_an_invalid_period_is_refused(bank: Reports, period: str, argument: list[str]) -> None:
    answer = bank.server.execute(f"{{ consumptionReport({period}) {{ url }} }}", token=bank.token())
    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "INVALID_INPUT", "argument": argument}


def test_an_invalid_filter_is_refused(bank: Reports) -> None:
    answer = bank.server.execute('{ phoneNumbersReport(filter: {from: "x"}) { url } }', token=bank.token())
    assert answer["errors"][0]["extensions"] == {"code": "INVALID_INPUT", "argument": ["filter", "from"]}


def test_a_filter_too_long_for_a_link_is_refused(bank: Reports) -> None:
    query = "query ($numbers: [E164!]) { phoneNumbersReport(filter: {numbers: $numbers}) { url } }"
    # Without any pattern, so that they can't be written shorter.
    numbers = [f"+1418{n * 7_919_993 % 10_000_000:07}" for n in range(10_000)]
    fits = bank.server.ask(query, {"numbers": numbers[:1_000]}, token=bank.token())["phoneNumbersReport"]
    assert bank.get(fits["url"]).status_code == 200
    answer = bank.server.execute(query, {"numbers": numbers}, token=bank.token())
    assert answer["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED", "argument": ["filter", "numbers"]}


def test_a_link_uses_the_address_of_the_request_or_the_public_url(bank: Reports, server: Server) -> None:
    assert bank.link("phoneNumbersReport")["url"].startswith("http://dialtree.test/download/")
    with closing(Server(server.url, public_url="https://numbers.bank.test/dialtree/")) as public:
        url = public.ask("{ phoneNumbersReport { url } }", token=bank.token())["phoneNumbersReport"]["url"]
        assert url.startswith("https://numbers.bank.test/dialtree/download/phone-numbers_Bank")


def test_servers_on_one_database_accept_each_others_links(bank: Reports, server: Server) -> None:
    with closing(Server(server.url)) as other:
        other.clock.now = server.clock.now
        url = bank.link("phoneNumbersReport")["url"]
        assert other.run(other.client.get(url)).status_code == 200
