"""The corpus asks for everything that the schema has."""

from collections import defaultdict

from graphql import parse, validate

from schema.root.schema import build_schema
from tests.properties.execution.corpus import operations
from tests.properties.execution.schema_coverage import asked, everything

SCHEMA = build_schema()._schema

_NOT_ASKED = ("Subscription.", "PhoneNumbersChange.", "PhoneNumberConnection.changesCursor")
"""What has no single answer: events, and the cursor of the moment. `tests/api/subscriptions` asks for these."""


def test_the_corpus_asks_for_every_field_argument_and_input_field() -> None:
    missing = everything(SCHEMA) - asked(SCHEMA, operations())
    assert sorted(name for name in missing if not name.startswith(_NOT_ASKED)) == []


def test_no_two_operations_of_the_corpus_are_the_same() -> None:
    sent = [repr((o.query, o.variables, o.operation_name)) for o in operations()]
    assert [one for one in sent if sent.count(one) > 1] == []
    assert len(sent) >= 100


def test_every_operation_is_valid_but_those_that_are_meant_to_be_wrong() -> None:
    names: dict[str, object] = defaultdict(str)
    sent = [operation for operation in operations() if not operation.name.startswith("wrong/")]
    assert [o.name for o in sent if validate(SCHEMA, parse(o.filled(names).query))] == []
