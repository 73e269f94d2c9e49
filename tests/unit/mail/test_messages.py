"""Rendering mails as text and HTML, with all values escaped."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest

from domain.mail import MailKind
from domain.utilization import Counts
from mail.envelope import address, compose, parse_sender
from mail.messages import Facts, MoreNumbersRequest, dump, load, render
from tests.support.sample_mails import INVITATION, LINKS, MARKUP, SAMPLES, THRESHOLD_REACHED

TOKEN = LINKS.token("seed")


class ParsedPage(HTMLParser):
    """The text of a page, its tags and its links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name == "href" and value]

    def handle_data(self, data: str) -> None:
        self.text += data


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("facts", SAMPLES.values(), ids=SAMPLES)
def test_facts_survive_a_round_trip_through_the_outbox(facts: Facts) -> None:
    assert load(facts.kind, dump(facts)) == facts


def test_there_is_a_sample_of_every_kind() -> None:
    assert {facts.kind for facts in SAMPLES.values()} == set(MailKind)


def test_an_invitation_has_the_number_the_link_and_the_expiry() -> None:
    message = render(INVITATION, LINKS)
    assert message.subject == "Your invitation from Halcyon Sales"
    assert message.text == (
        "Hello Ada Lovelace,\n\n"
        "Halcyon Sales has a telephone number for you: +1 418-898-4760\n\n"
        "Accept the invitation here, and it is yours:\n\n"
        f"https://phones.halcyon.example/invitation?token={TOKEN}\n\n"
        "The link works once, until 5 December 2026, 04:00 (America/New York).\n\n"
        "If you did not expect this invitation, ignore it: it expires by itself.\n"
    )


def test_the_threshold_mail_has_the_threshold_the_counts_and_the_supplier() -> None:
    message = render(THRESHOLD_REACHED, LINKS)
    assert message.subject == "Halcyon Sales: the utilization threshold of 80% has been reached"
    assert message.text == (
        "Halcyon Sales has reached its utilization threshold.\n\n"
        "The maximum assigned threshold has been reached.\n\n"
        "Organization  Halcyon Sales\n"
        "Utilization   84% (84 of 100 numbers are in use)\n"
        "Threshold     80%\n\n"
        "Available                                 16\n"
        "Reserved                                  10\n"
        "Assigned                                  34\n"
        "Registered                                30\n"
        "Allocated to Sub-Organizations            10\n\n"
        "16 numbers are left.\n\n"
        "To request more numbers, choose Request More Numbers beside the Number Utilization of Halcyon Sales, "
        "write to numbers@carrier.example, or call +1 800 555 0100.\n\n"
        "You receive this mail because alerts for Halcyon Sales are on.\n"
    )


@pytest.mark.parametrize(
    ("in_use", "total", "shown"),
    [(84, 100, "84%"), (1999, 2000, "99.9%"), (2, 3, "66.6%"), (799_999, 1_000_000, "79.9%"), (5, 5, "100%")],
)
def test_a_percentage_is_rounded_down(in_use: int, total: int, shown: str) -> None:
    facts = replace(THRESHOLD_REACHED, counts=Counts(total - in_use, in_use, 0, 0, 0))
    assert f"Utilization   {shown} (" in render(facts, LINKS).text


@pytest.mark.parametrize("facts", SAMPLES.values(), ids=SAMPLES)
def test_the_html_part_has_the_content_of_the_text_part(facts: Facts) -> None:
    message = render(facts, LINKS)
    parsed = ParsedPage(message.html)
    shown = flat(parsed.text)
    for value in vars_of(facts):
        assert flat(value) in shown, value
        assert value in message.text
    links = [link for link in parsed.links if link.startswith("https://")]
    assert all(link in message.text for link in links)
    assert set(links) <= {LINKS.invitation("seed"), LINKS.password("seed")}


def vars_of(facts: Facts) -> list[str]:
    """The texts among the facts, those apart that are shown in another form."""
    hidden = {"seed", "time_zone", "number"}
    names = [name for name in facts.__dataclass_fields__ if name not in hidden]
    return [value for name in names if isinstance(value := getattr(facts, name), str) and value]


@pytest.mark.parametrize("facts", SAMPLES.values(), ids=SAMPLES)
def test_values_are_escaped_in_html(facts: Facts) -> None:
    texts = {name: MARKUP for name in facts.__dataclass_fields__ if isinstance(getattr(facts, name), str)}
    texts = {name: text for name, text in texts.items() if name not in {"seed", "time_zone", "number"}}
    harmless = render(replace(facts, **dict.fromkeys(texts, "plain")), LINKS)
    attacked = render(replace(facts, **texts), LINKS)
    assert ParsedPage(attacked.html).tags == ParsedPage(harmless.html).tags
    assert "script" not in ParsedPage(attacked.html).tags


@pytest.mark.parametrize(
    "name",
    [
        "A\r\nBcc: spy@evil.example",
        "A\nX: y",
        "A\u2028B",
        "A\x00B",
        "A\x0bB",
        "é" * 100,
        "=?utf-8?q?A=0d=0aBcc:_spy@evil.example?=",
        "=?utf-8?b?QQ==?=",
        "日本電信電話株式会社 a more 50%: a,b Zürich a l'été Sales Sales ? é =",
    ],
)
def test_names_cannot_inject_headers(name: str) -> None:
    facts = MoreNumbersRequest(
        customer=name,
        organization=name,
        quantity=1,
        series=name,
        area=name,
        note=name,
        requested_by=name,
        reply_to="ada@halcyon.example",
    )
    mail = compose(
        render(facts, LINKS),
        sender=parse_sender("Dialtree <dialtree@halcyon.example>"),
        to=[address("numbers@carrier.example")],
        message_id="1@halcyon.example",
        at=datetime(2026, 11, 21, tzinfo=UTC),
    )
    read = message_from_bytes(mail.as_bytes(), policy=policy.default)
    assert sorted(read.keys()) == sorted(
        ["From", "To", "Subject", "Date", "Message-ID", "Reply-To", "Auto-Submitted", "MIME-Version", "Content-Type"]
    )
    assert (
        flat(read["Subject"])
        == f"{flat(''.join(c if c.isprintable() else ' ' for c in name))} requests one more number"
    )
    assert read["To"] == "numbers@carrier.example"


@pytest.mark.parametrize("email", ["=?utf-8?q?spy=40evil.example=2c?=@a.example", "=?utf-8?q?A=0d=0aX:_y?=@a.example"])
def test_an_address_that_mail_programs_would_decode_is_not_written_to(email: str) -> None:
    with pytest.raises(ValueError, match="contains '=\\?'"):
        address(email)


def test_a_token_depends_on_the_secret_and_does_not_reveal_the_seed() -> None:
    other = replace(LINKS, secret=b"1" * 32)
    assert LINKS.token("seed") == LINKS.token("seed")
    assert len({LINKS.token("seed"), LINKS.token("deed"), other.token("seed")}) == 3
    assert len(LINKS.token("seed")) == 43
    assert "seed" not in LINKS.token("seed")


@pytest.mark.parametrize(
    "sender", ["", "Dialtree", "a@b\r\nBcc: spy@evil.example", "two@x.example, three@x.example", "<>", "a b@c"]
)
def test_an_invalid_sender_is_refused(sender: str) -> None:
    with pytest.raises(ValueError, match="use an email address"):
        parse_sender(sender)
