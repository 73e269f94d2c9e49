"""Texts of earlier releases: folded again, kept where they break a rule, made distinct where names are the same now."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, text

from db.core.migrations import alembic_config, run_in_transaction
from tests.support.inventory import Inventory
from tests.support.server import Server

BEFORE = "0009"
TREE = "Bank\nBank/A\nBank/B\nBank/C\nBank/C/A\n"
NUMBERS = """\
+14185550100,one,Bank,RESERVED,north,,,
+14185550101,two,Bank,RESERVED,south,,,
+14185550102,three,Bank,ASSIGNED,,Ann,Lee,a@bank.test
+14185550103,three,Bank,ASSIGNED,,Bo,Lee,b@bank.test
+14185550104,three,Bank,ASSIGNED,,Cy,Lee,c@bank.test
"""
CHANGES = (
    "UPDATE number_events SET reserved_tag_after = 'no\u200crth' WHERE reserved_tag_after = 'north'",
    "UPDATE number_events SET reserved_tag_after = '\u202esouth' WHERE reserved_tag_after = 'south'",
    "UPDATE organizations SET name = 'a', name_folded = 'a' WHERE name = 'B'",
    "UPDATE organizations SET name = 'A\u200b', name_folded = 'a\u200b' WHERE name = 'C'",
    "UPDATE series SET name = 'ONE', name_folded = 'one' WHERE name = 'two'",
    "UPDATE phone_numbers SET reserved_tag = 'no\u200crth', tag_folded = 'no\u200crth' WHERE reserved_tag = 'north'",
    "UPDATE phone_numbers SET reserved_tag = '\u202esouth', tag_folded = '\u202esouth' WHERE reserved_tag = 'south'",
    (
        "UPDATE users SET email = 'a@exämple.test', email_folded = 'a@exämple.test',"
        " search_text = 'ann lee\na@exämple.test' WHERE email = 'a@bank.test'"
    ),
    (
        "UPDATE users SET email = 'a@xn--exmple-cua.test', email_folded = 'a@xn--exmple-cua.test',"
        " search_text = 'bo lee\na@xn--exmple-cua.test' WHERE email = 'b@bank.test'"
    ),
    (
        "UPDATE users SET email = 'c..d@bank.test', email_folded = 'c..d@bank.test',"
        " search_text = 'cy lee\nc..d@bank.test' WHERE email = 'c@bank.test'"
    ),
)


def there_and_back(connection: Connection) -> None:
    command.downgrade(alembic_config(connection), BEFORE)
    for change in CHANGES:
        connection.execute(text(change.replace(":", "\\:")))
    command.upgrade(alembic_config(connection), "head")


def test_texts_are_folded_again_and_names_made_distinct(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    bank = Inventory(server, TREE, NUMBERS)
    with caplog.at_level(logging.WARNING, "dialtree.migrations"):
        server.run(run_in_transaction(server.url, there_and_back))
    messages = [record.getMessage() for record in caplog.records if record.name == "dialtree.migrations"]
    assert sorted(message.partition(" ")[2] for message in messages) == sorted(
        [
            "3: 'a' is now 'a (2)', for it was the same as another name",
            "4: 'A\\u200b' is now 'A\\u200b (3)', for it was the same as another name",
            "4: The name is not trimmed.",
            "2: 'ONE' is now 'ONE (2)', for it was the same as another name",
            "+14185550101: The reserved tag holds U+202E, which changes the direction of the text. Remove it.",
            "1: Another user of the organization has the same mailbox, spelt in another way.",
            "3: The email address is not valid.",
        ]
    )
    assert server.differences() == []

    def names(field: str) -> Any:
        return [node["name"] for node in bank.ask(f"{{ {field}(first: 50) {{ nodes {{ name }} }} }}")[field]["nodes"]]

    assert names("organizations") == ["A", "A", "a (2)", "A\u200b (3)", "Bank"]
    assert names("series") == ["one", "ONE (2)", "three"]
    numbers, users = 'phoneNumbers(filter: {text: "north"})', 'users(filter: {text: "cua"})'
    found = bank.ask(f"{{ {numbers} {{ nodes {{ number }} }} {users} {{ nodes {{ email }} }} }}")
    assert found["phoneNumbers"]["nodes"] == [{"number": "+14185550100"}]
    emails = ["a@exämple.test", "a@xn--exmple-cua.test"]
    assert [node["email"] for node in found["users"]["nodes"]] == emails
    people = bank.ask("{ users(first: 9) { nodes { id firstName email } } }")["users"]["nodes"]
    ids = {person["firstName"]: person["id"] for person in people}
    renamed = bank.mutate("updateUser", "userErrors { code }", {"userId": ids["Ann"], "firstName": "Anne"})
    assert renamed["userErrors"] == []
    error = bank.refused("updateUser", "userErrors { code message }", {"userId": ids["Ann"], "email": "A@exämple.test"})
    assert error["code"] == "ALREADY_EXISTS"
    assert server.differences() == []
