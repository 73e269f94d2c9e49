"""Replacing DIALTREE_SECRET: links that were made with the previous secret stay valid while it is listed."""

from __future__ import annotations

from contextlib import closing
from urllib.parse import urlsplit

from app.services import load_deployment
from tests.support.databases import Databases
from tests.support.outbox import facts_of, mails
from tests.support.server import Server, opened

OLD, NEW = "old-" * 8, "new-" * 8
REPORT = "{ numberUtilizationReport { url } }"
INVITE = "mutation ($input: InviteUserInput!) { inviteUser(input: $input) { userErrors { message } } }"
OFFER = "query ($token: String!) { invitation(token: $token) { email } }"


def answers(server: Server, url: str) -> int:
    parts = urlsplit(url)
    return server.run(server.client.get(f"{parts.path}?{parts.query}")).status_code


def link_of(server: Server, token: str) -> str:
    url: str = server.ask(REPORT, token=token)["numberUtilizationReport"]["url"]
    return url


def test_links_of_the_previous_secret_are_valid_while_it_is_listed(databases: Databases) -> None:
    with opened(databases, secret=OLD) as old, closing(Server(old.url, secret=f"{NEW}, {OLD}")) as both:
        old.import_organizations("path,time_zone,threshold\nBank,,\n")
        token = old.create_key(organization="Bank", role="OWNER")
        before, after = link_of(old, token), link_of(both, token)
        assert [answers(both, url) for url in (before, after)] == [200, 200]
        # The first secret signs.
        assert answers(old, after) == 403
        with closing(Server(old.url, secret=NEW)) as new:
            assert [answers(new, url) for url in (before, after)] == [403, 200]


def test_a_mail_that_was_queued_with_the_previous_secret_has_a_valid_link(databases: Databases) -> None:
    with opened(databases, secret=OLD) as old, closing(Server(old.url, secret=f"{NEW},{OLD}")) as both:
        old.import_organizations("path,time_zone,threshold\nBank,,\n")
        token = old.create_key(organization="Bank", role="OWNER")
        person = {"firstName": "Bo", "lastName": "Rask", "email": "bo@bank.example"}
        old.ask(INVITE, {"input": person}, token=token)
        links = both.run(load_deployment(both.settings, both.database)).links
        (mail,) = mails(both)
        offer = both.ask(OFFER, {"token": links.token(facts_of(mail).seed)}, token=None)
        assert offer == {"invitation": {"email": "bo@bank.example"}}
