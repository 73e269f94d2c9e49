"""The work of an operation is bounded by its size and its cost, on both execution paths."""

from __future__ import annotations

import asyncio
from typing import Any

import hypothesis.strategies as st
import pytest
import strawberry
from graphql import DocumentNode, FragmentDefinitionNode, OperationType, build_schema, parse
from hypothesis import given

from execution import codegen, pacing, runtime
from execution import engine as engines
from execution.costs import MAX_COST
from execution.declarations import PUBLIC
from execution.documents import MAX_LENGTH, DocumentCache, InvalidDocument
from execution.engine import Engine, ExecutionPath, SignInRequired, has_many_values
from execution.lookahead import SelectedFields, asks_for, look_ahead
from execution.messages import MAX_MESSAGE_LENGTH, shorten

PATHS = pytest.mark.parametrize("compile_after", [None, 0], ids=["interpreted", "compiled"])
CALLS: list[str] = []
ALL = frozenset({OperationType.QUERY, OperationType.MUTATION})


@strawberry.type
class Node:
    name: str

    @strawberry.field
    async def parent(self, info: strawberry.Info) -> Node:
        CALLS.append("parent")
        look_ahead(info, asks_for, "parent.parent", "nodes.parent")
        await asyncio.sleep(0)
        return Node(name="p")

    @strawberry.field
    def nodes(self, count: int = 2) -> list[Node]:
        CALLS.append("nodes")
        return [Node(name=str(n)) for n in range(count)]


@strawberry.type
class Query:
    @strawberry.field
    def node(self) -> Node:
        CALLS.append("node")
        return Node(name="root")

    @strawberry.field(metadata=PUBLIC)  # type: ignore[untyped-decorator]
    def welcome(self, values: list[str] | None = None) -> str:
        return f"{len(values or ())} values"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def record(self, values: list[str]) -> int:
        return len(values)


SCHEMA = strawberry.Schema(query=Query, mutation=Mutation)._schema


async def run(engine: Engine, query: str, variables: dict[str, Any] | None = None, **options: Any) -> Any:
    return await engine.run(
        query,
        variables=variables,
        operation_name=None,
        context=None,
        allowed_types=ALL,
        introspection=True,
        **options,
    )


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Fragments that spread later ones, in fields and inline, so that there may be very many paths through them."""
    count = draw(st.integers(1, 12))
    parts = []
    for n in range(count):
        below = st.sampled_from(range(n + 1, count + 1))
        selections = [
            draw(
                st.sampled_from(
                    (
                        "...F{0}",
                        "... {{ ...F{0} ...F{1} }}",
                        "parent {{ ...F{0} }} parent {{ ...F{1} }}",
                        "a{2}: parent {{ ...F{0} }} b{2}: parent {{ ...F{1} }}",
                        "nodes {{ ...F{0} }}",
                        "c{2}: nodes(count: 3) {{ ...F{0} }}",
                    )
                )
            ).format(draw(below), draw(below), n)
            for _ in range(draw(st.integers(1, 3)))
        ]
        parts.append(f"fragment F{n} on Node {{ {' '.join(selections)} }}")
    return f"{{ node {{ ...F0 }} }} {' '.join(parts)} fragment F{count} on Node {{ name }}"


class Fragments(dict[str, FragmentDefinitionNode]):
    """Fragments that count how often they are looked up."""

    lookups = 0

    def __getitem__(self, name: str) -> FragmentDefinitionNode:
        self.lookups += 1
        return super().__getitem__(name)


def fragments_of(document: DocumentNode) -> Fragments:
    return Fragments(
        {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    )


@given(documents())
def test_look_ahead_walks_each_level_once(query: str) -> None:
    document = parse(query)
    operation: Any = document.definitions[0]
    fragments = fragments_of(document)
    selected = SelectedFields([operation.selection_set], fragments, None)
    asks_for(selected, "node.parent.parent.parent", "node.nodes.nodes")
    levels = 1 + 1 + 3 + 2
    assert fragments.lookups <= levels * query.count("...F")


def test_look_ahead_through_doubling_fragments() -> None:
    levels = [f"fragment F{n} on Node {{ ... {{ ...F{n + 1} }} ... {{ ...F{n + 1} }} }}" for n in range(60)]
    document = parse(f"{{ node {{ ...F0 }} }} {' '.join(levels)} fragment F60 on Node {{ name }}")
    operation: Any = document.definitions[0]
    fragments = fragments_of(document)
    assert SelectedFields([operation.selection_set], fragments, None) == {"node": {"name": {}}}
    assert fragments.lookups == 1 + 2 * 60


@PATHS
@given(documents())
def test_an_operation_resolves_no_more_than_it_costs(compile_after: int | None, query: str) -> None:
    CALLS.clear()
    result, _, path, cost, _ = asyncio.run(run(Engine(SCHEMA, compile_after=compile_after), query))
    if cost is None or cost > MAX_COST:
        assert (CALLS, path) == ([], None)
        assert result.errors
    else:
        assert result.errors is None
        assert len(CALLS) <= cost


@PATHS
async def test_the_event_loop_goes_on_between_portions(
    monkeypatch: pytest.MonkeyPatch, compile_after: int | None
) -> None:
    query = "{ node { nodes(count: 300) { name parent { nodes(count: 3) { name parent { name } } } } } }"
    expected = (await run(Engine(SCHEMA, compile_after=compile_after), query)).result.data
    engine, iterations = Engine(SCHEMA, compile_after=compile_after), 0
    monkeypatch.setattr(pacing, "PORTION_SECONDS", 0)
    monkeypatch.setattr(runtime, "PORTION_SECONDS", 0)
    running = asyncio.ensure_future(run(engine, query))
    while not running.done():
        await asyncio.sleep(0)
        iterations += 1
    assert running.result().result.data == expected
    # Of 1,200 objects, a few are completed in one iteration.
    assert iterations > 1_200 / (2 * pacing.WOKEN_TOGETHER)


async def test_an_operation_that_is_cancelled_while_it_waits_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pacing, "PORTION_SECONDS", 0)
    running = asyncio.ensure_future(run(Engine(SCHEMA), "{ node { nodes(count: 300) { parent { name } } } }"))
    for _ in range(20):
        await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_long_lists_are_completed_by_the_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "LONGEST_LIST", 5)
    engine = Engine(SCHEMA, compile_after=0)
    assert (await run(engine, "{ node { nodes(count: 5) { name } } }")).path is ExecutionPath.COMPILED
    result, _, path, *_ = await run(engine, "{ node { nodes(count: 6) { name } } }")
    assert result.data == {"node": {"nodes": [{"name": str(n)} for n in range(6)]}}
    assert path is ExecutionPath.FALLBACK


async def test_long_programs_are_not_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codegen, "MAX_SOURCE_LENGTH", 100)
    result, _, path, *_ = await run(Engine(SCHEMA, compile_after=0), "{ node { name } }")
    assert (result.data, path) == ({"node": {"name": "root"}}, ExecutionPath.INTERPRETED)


@PATHS
async def test_many_values_are_answered_as_few_are(monkeypatch: pytest.MonkeyPatch, compile_after: int | None) -> None:
    query, values = "query ($v: [String!]!) { welcome(values: $v) }", ["x"] * 20
    monkeypatch.setattr(engines, "MANY_VALUES", 10)
    engine = Engine(SCHEMA, compile_after=compile_after)
    assert (await run(engine, query, {"v": values})).result.data == {"welcome": "20 values"}
    few = (await run(engine, query, {"v": [1]})).result.errors
    many = (await run(engine, query, {"v": [*values, 1]})).result.errors
    assert [error.message for error in few] == [error.message.replace("[20]", "[0]") for error in many]
    mutation = "mutation ($v: [String!]!) { record(values: $v) }"
    assert (await run(engine, mutation, {"v": values})).result.data == {"record": 20}


def test_values_are_counted_up_to_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "MANY_VALUES", 10)
    assert not has_many_values({})
    assert not has_many_values({"a": list(range(8))})
    many: list[Any] = [[1] * 20, [[[]] * 4] * 4, {str(n): n for n in range(20)}, [{"a": [{"b": [1] * 5}]}] * 5]
    assert [has_many_values({"v": value}) for value in many] == [True] * 4


@pytest.fixture
def coerced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What coerced variables, on either path."""
    seen: list[str] = []
    for name in ("execution.operations.PreparedOperation.coerce_variables", "execution.engine.prepare_interpreted"):
        monkeypatch.setattr(name, lambda *_arguments, name=name, **_options: seen.append(name))
    return seen


@PATHS
@pytest.mark.parametrize(
    "query",
    [
        "query ($v: [String!]!) { node { ...F } } fragment F on Node { nodes(count: 1) { name @skip(if: $s) } }",
        "mutation ($v: [String!]!) { ...M } fragment M on Mutation { a: record(values: $v) }",
    ],
)
async def test_variables_of_anonymous_callers_are_not_coerced_for_what_needs_a_caller(
    compile_after: int | None, query: str, coerced: list[str]
) -> None:
    query = query.replace("$v: [String!]!) { node", "$s: Boolean!) { node")
    with pytest.raises(SignInRequired):
        await run(Engine(SCHEMA, compile_after=compile_after), query, {"v": ["x"], "s": True}, signed_in=False)
    assert coerced == []


@PATHS
async def test_anonymous_callers_use_public_fields_with_few_values(compile_after: int | None) -> None:
    query = "query ($v: [String!]) { welcome(values: $v) }"
    engine = Engine(SCHEMA, compile_after=compile_after)
    assert (await run(engine, query, {"v": ["x"]}, signed_in=False)).result.data == {"welcome": "1 values"}
    assert (await run(engine, "{ __typename }", signed_in=False)).result.data == {"__typename": "Query"}
    mixed = "query ($v: [String!]) { welcome(values: $v) node { name } }"
    assert (await run(engine, mixed, {"v": []}, signed_in=False)).result.errors is None
    for one in (query, mixed):
        with pytest.raises(SignInRequired):
            await run(engine, one, {"v": ["x"] * engines.MANY_VALUES}, signed_in=False)


@pytest.mark.parametrize("length", [engines.LONG_DOCUMENT // 2, engines.LONG_DOCUMENT * 2])
async def test_long_documents_are_prepared_like_short_ones(length: int) -> None:
    engine = Engine(SCHEMA)
    query = "{ node { name } }" + " " * length
    runs = [await run(engine, query) for _ in range(2)]
    assert [result.data for result, *_ in runs] == [{"node": {"name": "root"}}] * 2
    assert [path for _, _, path, *_ in runs] == [ExecutionPath.INTERPRETED, ExecutionPath.COMPILED]
    assert (await run(engine, query + "x")).result.errors[0].extensions == {"code": "GRAPHQL_PARSE_FAILED"}


DEEP = " ".join(f"fragment F{n} on Node {{ {'... { ' * 40} ...F{n + 1} {'} ' * 40} }}" for n in range(50))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ welcome(values: " + "9" * 5_000 + ") }", "An integer has 5000 digits; the maximum is 30."),
        ("{ node { nodes(count: -" + "9" * 40 + ") { name } } }", "An integer has 41 digits; the maximum is 30."),
        ("{ " + "x" * 900_000 + " }", "Cannot query field '" + "x" * 59 + "…"),
        ("{ node { name } " + "}" * 3 + "x" * 5_000, "Syntax Error: Unexpected '}'."),
        ("query ($" + "v" * 5_000 + ": Int) { node { name } }", "Variable '$" + "v" * 58 + "… is never used."),
        ('{ node(x: "' + "s t " * 5_000 + '") { name } }', "Unknown argument 'x' on field 'Query.node'."),
        (f"{{ node {{ ...F0 }} }} {DEEP} fragment F50 on Node {{ name }}", "fragments are nested too deeply."),
        ("{ node { name } }" + "#" * MAX_LENGTH, "The document has 1000017 characters; the maximum is 1000000. Send"),
    ],
    ids=["digits", "sign", "name", "syntax", "variable", "string", "depth", "length"],
)
async def test_messages_are_short_and_plain(query: str, message: str) -> None:
    (error, *_) = (await run(Engine(SCHEMA), query)).result.errors
    assert message in error.message
    assert "sys." not in error.message
    assert len(error.message) <= MAX_MESSAGE_LENGTH


@PATHS
async def test_messages_about_variables_are_short(compile_after: int | None) -> None:
    query = "query ($v: Int!) { node { nodes(count: $v) { name } } }"
    (error,) = (await run(Engine(SCHEMA, compile_after=compile_after), query, {"v": "x" * 5_000})).result.errors
    assert len(error.message) < 300


@given(st.text())
def test_short_messages_stay_as_they_are(text: str) -> None:
    short = shorten(text)
    assert len(short) <= MAX_MESSAGE_LENGTH + 1
    assert shorten("A short message.") == "A short message."
    assert short == text or "…" in short


def test_validation_of_overlapping_fields_gives_up() -> None:
    schema = build_schema("type Query { a: Query, b: Int }")
    for selection in ("a { b }" * 250, "a { " * 15 + "b" + " }" * 15 + ("a { " * 15 + "b" + " }" * 15) * 60):
        with pytest.raises(InvalidDocument) as invalid:
            DocumentCache(schema).prepare(f"{{ {selection} }}", None)
        (error,) = invalid.value.errors
        assert error.message.startswith("The document is too complex: too many fields overlap")
