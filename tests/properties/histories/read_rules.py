"""The steps of a history that only read, or are not even let in."""

from collections.abc import Iterator

from hypothesis import note
from hypothesis import strategies as st

from tests.properties.histories.documents import BRANCH, SEARCH, SET_THRESHOLD, VIEWER
from tests.properties.histories.expected_answers import answered_series_counts, answered_status_counts
from tests.properties.histories.protocols import Json
from tests.properties.histories.state_machine import History
from tests.properties.histories.strategies import COLUMNS, Draw, Seat, filter_input
from tests.properties.model.search import fold, select, sort_key


class Reads(History):
    """Searches, reads of the tree, and unauthorized callers."""

    def search(self, data: st.DataObject) -> None:
        draw = Draw(data, self.inventory)
        seat = draw.reader()
        wanted = draw.number_filter(seat.actor)
        column, direction = draw.pick(COLUMNS), draw.pick(("ASC", "DESC"))
        variables: Json = {
            "filter": filter_input(wanted, self.ids),
            "order": {"field": column, "direction": direction},
        }
        note(f"search from {seat.acting}: {variables}")
        whole = self.read(seat, SEARCH, {**variables, "first": 200})["phoneNumbers"]
        numbers = [node["number"] for node in whole["nodes"]]
        found = select(self.inventory, seat.actor, wanted)
        assert sorted(numbers) == sorted(found)
        assert whole["totalCount"] == len(found)
        self._is_sorted(numbers, column, direction)
        statuses = [self.inventory.numbers[number].status for number in found]
        assert dict(answered_status_counts(whole)) == {str(status): statuses.count(status) for status in statuses}
        series = [self.inventory.numbers[number].series for number in found]
        assert answered_series_counts(whole) == {name: series.count(name) for name in series}
        size = draw.pick((7, 3, 20))
        assert list(self._pages(seat, variables, "first", size)) == numbers
        assert list(self._pages(seat, variables, "last", size)) == numbers[::-1]

    def _is_sorted(self, numbers: list[str], column: str, direction: str) -> None:
        keys = [sort_key(self.inventory, self.inventory.numbers[one], column) for one in numbers]
        blanks = [blank for blank, _ in keys]
        assert blanks == sorted(blanks), "blank tags come last in both directions"
        values = [value for blank, value in keys if not blank]
        assert values == sorted(values, reverse=direction == "DESC"), f"not sorted by {column}"

    def _pages(self, seat: Seat, variables: Json, way: str, size: int) -> Iterator[str]:
        """Walk a list page by page, forwards or backwards."""
        cursor, end, more = {
            "first": ("after", "endCursor", "hasNextPage"),
            "last": ("before", "startCursor", "hasPreviousPage"),
        }[way]
        at: str | None = None
        while True:
            here = {**variables, way: size, cursor: at}
            page = self.read(seat, SEARCH, here)["phoneNumbers"]
            assert len(page["nodes"]) <= size
            nodes = page["nodes"] if way == "first" else page["nodes"][::-1]
            yield from (node["number"] for node in nodes)
            at = page["pageInfo"][end]
            if not page["pageInfo"][more]:
                return
            assert nodes, "an empty page promises another"

    def walk(self, data: st.DataObject) -> None:
        draw = Draw(data, self.inventory)
        seat = draw.reader()
        organization = draw.organization(seat.actor)
        search = draw.pick(("Lab", "a", "/", "%", "CAF\u00c9"))
        variables = {"id": self.ids.organization(organization), "search": search}
        branch = self.read(seat, BRANCH, variables)
        tree = self.inventory

        def named(keys: set[str]) -> set[str]:
            return {key for key in keys if fold(search) in fold(tree.organizations[key].name)}

        assert self._keys(branch["organizations"]) == named(tree.below(seat.acting))
        if not tree.in_scope(seat.actor, organization):
            assert branch["organization"] is None
            return
        below = tree.below(organization)
        found = branch["organization"]
        assert self._keys(found["children"]) == tree.children(organization)
        assert self._keys(found["found"]) == named(tree.children(organization))
        assert self._keys(found["descendants"]) == below
        assert self._keys(found["holding"]) == {key for key in below if tree.held(key)}

    def _keys(self, connection: Json) -> set[str]:
        keys = [self.ids.key(node["id"]) for node in connection["nodes"]]
        assert connection["totalCount"] == len(keys) == len(set(keys))
        return set(keys)

    def knock_at_the_wrong_door(self, data: st.DataObject) -> None:
        """Act from where one has no reach, or without a key, or with one that ended."""
        draw = Draw(data, self.inventory)
        caller = draw.seat().caller
        outside = set(self.inventory.organizations) - self.inventory.subtree(caller.home)
        ended = [key for key in self.tokens if key not in self.inventory.callers]
        tokens: list[tuple[str | None, str | None]] = [(None, None), ("no such key", None)]
        tokens += [(self.tokens[key], None) for key in ended]
        tokens += [(self.tokens[caller.key], key) for key in sorted(outside)]
        token, acting = draw.pick(tokens)
        header = None if acting is None else self.ids.organization(acting)
        for document, variables in (
            (VIEWER, None),
            (SET_THRESHOLD.document, {"input": {"percent": 99}}),
        ):
            answer = self.server.execute(document, variables, token=token, acting=header)
            data_of_it = answer.get("data") or {}
            mutation = data_of_it.get("answer")
            assert data_of_it.get("viewer") is None
            assert mutation is None or mutation["userErrors"]
            assert answer.get("errors") or mutation
