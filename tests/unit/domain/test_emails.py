"""Mail addresses: which are valid, what is sent to, and which are one mailbox."""

from __future__ import annotations

import unicodedata
from string import ascii_letters, digits

import email_validator
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.emails import _PLAIN, clean_email, delivery_address, mailbox_key
from domain.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "shown", "sent"),
    [
        ("anna@faß.example", "anna@faß.example", "anna@xn--fa-hia.example"),
        ("user@exämple.example", "user@exämple.example", "user@xn--exmple-cua.example"),
        ("user@XN--EXMPLE-CUA.Example", "user@XN--EXMPLE-CUA.Example", "user@xn--exmple-cua.example"),
        (" Ann.Lee@ACME.Example\u200b\n", "Ann.Lee@ACME.Example", "Ann.Lee@acme.example"),
        ("jose\u0301@acme.example", "josé@acme.example", "josé@acme.example"),
        ("用户@例子.广告", "用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v"),
        ("a@b。example", "a@b。example", "a@b.example"),
        ("o'brien+x@acme.example", "o'brien+x@acme.example", "o'brien+x@acme.example"),
        ("ann@bank.local", "ann@bank.local", "ann@bank.local"),
        ("ann@mail", "ann@mail", "ann@mail"),
    ],
)
def test_an_address_is_shown_as_typed_and_sent_to_in_its_normal_form(text: str, shown: str, sent: str) -> None:
    assert clean_email(text, path=()) == shown
    assert delivery_address(shown) == sent


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "ann@",
        "@acme.example",
        "ann@@acme.example",
        "ann lee@acme.example",
        "Ann <ann@acme.example>",
        "ann@acme.example, bob@acme.example",
        '"ann lee"@acme.example',
        "ann@[192.0.2.1]",
        "ann..lee@acme.example",
        "=?utf-8?q?bob?=@acme.example",
        ".ann@acme.example",
        "ann@acme..example",
        "ann@-acme.example",
        "ann@acme_inc.example",
        "ann@xn--a.example",
        "ann@acme.example.",
        "ann\uff20acme.example",
        "an\u200bn@acme.example",
        "ann@ac\u00adme.example",
        "ann\ufe0f@acme.example",
        "ann\u3164@acme.example",
        "\u202eann@acme.example",
        "ann\u0007@acme.example",
        "ann\ud800@acme.example",
        "ann@" + "a" * 64 + ".example",
        "a" * 255 + "@acme.example",
        "ann@" + "ä." * 120 + "example",
    ],
)
def test_other_texts_are_refused_with_the_path_of_the_field(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not a mail address") as refused:
        clean_email(text, path=("input", "email"))
    assert refused.value.path == ("input", "email")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("user@exämple.example", "user@xn--exmple-cua.example"),
        ("user@EXÄMPLE.example", "User@exa\u0308mple.example"),
        ("anna@faß.example", "anna@xn--fa-hia.example"),
        ("JOSÉ@acme.example", "jose\u0301@ACME.example"),
        ("a@b。example", "a@b.example"),
        ("a@\uff42.example", "a@b.example"),
        ("e@acme.example", " e@acme.example\ufeff"),
        ("straße@acme.example", "STRASSE@acme.example"),
    ],
)
def test_spellings_of_a_mailbox_have_one_key(first: str, second: str) -> None:
    assert mailbox_key(first) == mailbox_key(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("anna@faß.example", "anna@fass.example"),
        ("jose@a.example", "josé@a.example"),
        ("a.b@c.example", "ab@c.example"),
    ],
)
def test_other_mailboxes_have_other_keys(first: str, second: str) -> None:
    assert mailbox_key(first) != mailbox_key(second)


LOCAL = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=10)
LABEL = st.text(st.characters(categories=["Ll", "Lu", "Lo", "Nd"]), min_size=1, max_size=8)


@given(LOCAL, st.lists(LABEL, min_size=1, max_size=3))
def test_the_key_of_a_valid_address_is_that_of_its_normal_form(local: str, labels: list[str]) -> None:
    text = f"{local}@{'.'.join(labels)}.example"
    try:
        shown = clean_email(text, path=())
    except InvalidInput:
        return
    sent = delivery_address(shown)
    assert sent.rpartition("@")[2].isascii()
    assert clean_email(shown, path=()) == shown
    assert clean_email(sent, path=()) == sent == delivery_address(sent)
    assert mailbox_key(sent) == mailbox_key(shown) == mailbox_key(unicodedata.normalize("NFD", text))
    assert mailbox_key(mailbox_key(shown)) == mailbox_key(shown)


def joined(part: st.SearchStrategy[str], by: str, *, most: int) -> st.SearchStrategy[str]:
    """Up to so many parts with a separator in between."""
    return st.lists(part, min_size=1, max_size=most).map(by.join)


LABEL = joined(st.text(ascii_letters + digits, min_size=1, max_size=6), "-", most=2)
PLAIN_ADDRESSES = st.builds(
    "{}@{}.{}".format,
    joined(st.text(ascii_letters + digits + "_+-", min_size=1, max_size=8), ".", most=3),
    joined(LABEL, ".", most=2),
    st.text(ascii_letters, min_size=1, max_size=8),
)


@given(PLAIN_ADDRESSES)
def test_what_is_not_checked_further_is_valid(text: str) -> None:
    assert _PLAIN.fullmatch(text)
    valid = email_validator.validate_email(text, check_deliverability=False, globally_deliverable=False)
    assert valid.ascii_domain == text.rpartition("@")[2].lower()
    assert mailbox_key(text) == text.lower()


@given(st.text(max_size=30))
def test_every_text_has_a_key(text: str) -> None:
    assert "\0" not in mailbox_key(text)
