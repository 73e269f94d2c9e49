"""Choose the number of each line of a bulk invitation: named numbers first, then by tag, then from a series."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial

from db.numbers import locks
from db.numbers import queries as phone_numbers
from db.numbers.queries import NumberRecord
from db.organizations import series
from db.organizations.queries import OrganizationRecord
from db.organizations.series import SeriesRecord
from db.users import invitations
from domain.errors import AlreadyExists, DialtreeError, InsufficientNumbers, InvalidInput, NotFound, not_found
from domain.lifecycle import refuse_transition, sources
from domain.search import NumberFilter
from domain.statuses import NumberAction
from domain.texts import clean_tag, fold, fold_for_lookup
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.refusals import refusal_of
from resolvers.users.assignment import require_holder
from resolvers.users.bulk_lines import InvitationLine


class NumberSelection:
    """Selects and locks the numbers of a bulk invitation, and refuses the lines whose number is not available.

    `chosen` maps lines to number ids; lines without a number, and refused ones, are missing.
    """

    def __init__(self, work: UnitOfWork, organization: OrganizationRecord) -> None:
        self._work = work
        self._organization = organization
        self._named: dict[int, int] = {}
        self._numbers: dict[int, NumberRecord] = {}
        self._line_of: dict[int, int] = {}
        self._taken: dict[str | int, set[int]] = defaultdict(set)
        """The chosen numbers by folded tag and by series, to exclude them from later choices."""

        self._exhausted: set[str | int] = set()
        """The tags and series of which no number is left."""

        self.chosen: dict[int, int] = {}

    async def lock_named(self, lines: Iterable[InvitationLine]) -> None:
        """Look up and lock the numbers that lines name."""
        connection, scope = self._work.connection, self._work.scope
        every = list(lines)
        written = {line.number for line in every if line.number is not None}
        ids_by_number = (
            await phone_numbers.ids_by_number(connection, sorted(written), root_id=self._work.root_id)
            if written
            else {}
        )
        for line in every:
            if line.number is not None:
                self._named[line.line] = ids_by_number.get(line.number, 0)
            elif line.series is None and line.source.number_id is not None:
                self._named[line.line] = line.source.number_id
        wanted = tuple(sorted(set(self._named.values())))
        if wanted:
            held = NumberFilter(ids=wanted, organization_ids=(self._organization.id,))
            await locks.lock_ids(connection, held, limit=len(wanted))
            self._numbers = await phone_numbers.by_ids(connection, wanted, within=scope)

    async def choose(self, lines: Sequence[InvitationLine]) -> None:
        """Choose the numbers of these lines: named ones first. A refused line leaves its number to the others."""
        self._choose_named(lines)
        await self._choose_by_tag(lines)
        await self._choose_from_series(lines)

    def _choose_named(self, lines: Iterable[InvitationLine]) -> None:
        for line in lines:
            if line.line in self._named:
                number_id = self._named[line.line]
                line.refusal = self._refusal(self._numbers.get(number_id))
                if line.refusal is None:
                    number = self._numbers[number_id]
                    self._take(line, number_id, number.series_id)
                    if number.reserved_tag is not None:
                        self._taken[fold(number.reserved_tag)].add(number_id)

    def _refusal(self, number: NumberRecord | None) -> DialtreeError | None:
        if number is None or number.retired_at is not None:
            return not_found("number", path=())
        if number.status not in sources(NumberAction.INVITE):
            return refuse_transition(NumberAction.INVITE, [refusal_of(self._work, number)], count=1, path=())
        try:
            require_holder(number, self._organization)
        except InvalidInput as error:
            return error
        other = self._line_of.get(number.id)
        if other is None:
            return None
        if self._named.get(other) == number.id:
            return AlreadyExists(f"{number.number} is in the list twice: it is on line {other} too.")
        return AlreadyExists(f"{number.number} is given to line {other} already.")

    def _take(self, line: InvitationLine, number_id: int, key: str | int) -> None:
        self.chosen[line.line] = number_id
        self._line_of[number_id] = line.line
        self._taken[key].add(number_id)

    async def _choose_by_tag(self, lines: Iterable[InvitationLine]) -> None:
        by_tag: dict[str, list[InvitationLine]] = defaultdict(list)
        for line in lines:
            if line.refusal is None and line.source.reserved_tag is not None:
                by_tag[clean_tag(line.source.reserved_tag, path=())].append(line)
        for tag, wanting in by_tag.items():
            find = partial(invitations.tagged_ids, self._work.connection, holder=self._organization.id, tag=tag)
            refusal = NotFound(f"{self._organization.name} has no number left that is reserved with the tag {tag!r}.")
            await self._distribute(find, wanting, fold_for_lookup(tag), refusal)

    async def _choose_from_series(self, lines: Iterable[InvitationLine]) -> None:
        by_series: dict[int | str, list[InvitationLine]] = defaultdict(list)
        for line in lines:
            if line.refusal is None and (line.series is not None or line.source.series_id is not None):
                by_series[fold_for_lookup(line.series or "") or line.source.series_id or 0].append(line)
        for wanted, wanting in by_series.items():
            chosen_series = await self._find_series(wanted)
            if chosen_series is None:
                for line in wanting:
                    line.refusal = not_found("series", path=())
                continue
            find = partial(
                invitations.available_ids,
                self._work.connection,
                holder=self._organization.id,
                series=chosen_series.id,
            )
            refusal = InsufficientNumbers(
                f"{self._organization.name} has no available number left in {chosen_series.name}."
            )
            await self._distribute(find, wanting, chosen_series.id, refusal)

    async def _find_series(self, wanted: int | str) -> SeriesRecord | None:
        """Return a series by id or name, or None if it is not visible to the caller."""
        work = self._work
        if isinstance(wanted, str):
            found = await series.id_by_name(work.connection, wanted, root_id=work.root_id)
            if found is None:
                return None
            wanted = found
        try:
            return await work.series(wanted)
        except NotFound:
            return None

    async def _distribute(
        self,
        find: Callable[..., Awaitable[list[int]]],
        lines: list[InvitationLine],
        key: str | int,
        refusal: DialtreeError,
    ) -> None:
        """Find numbers of a tag or series, give them to the lines in order, and refuse those for which none is left."""
        number_ids: list[int] = []
        if key not in self._exhausted:
            number_ids = await find(exclude=sorted(self._taken[key]), limit=len(lines))
        for line, number_id in zip(lines, number_ids, strict=False):
            self._take(line, number_id, key)
        for line in lines[len(number_ids) :]:
            line.refusal = refusal
            self._exhausted.add(key)
