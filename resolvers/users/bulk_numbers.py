"""Which number each line of a list of people takes: named ones first, then by tag and from a series."""

from __future__ import annotations

from collections import defaultdict

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
from domain.texts import clean_tag
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.refusals import refusal_of
from resolvers.users.assignment import require_held
from resolvers.users.bulk_lines import Line


class NumberChoice:
    """One list: what is chosen is locked, and a line that goes without a number that it wants is refused."""

    def __init__(self, work: UnitOfWork, organization: OrganizationRecord, lines: list[Line]) -> None:
        self._work = work
        self._organization = organization
        self._lines = lines
        self._chosen: dict[int, int] = {}
        self._numbers: dict[int, NumberRecord] = {}

    async def run(self) -> dict[int, int]:
        """The ids of the numbers, by line; lines that want none are missing."""
        await self._find_numbers()
        named = self._take_named()
        await self._take_tagged(named)
        await self._take_of_series(named)
        return self._chosen

    async def _find_numbers(self) -> None:
        """The numbers that lines name, locked; lines that name what is not there for the caller are refused."""
        connection, scope = self._work.connection, self._work.scope
        written = {line.number for line in self._lines if line.number is not None}
        by_text = await phone_numbers.ids_by_number(connection, sorted(written)) if written else {}
        for line in self._lines:
            if line.number is not None:
                self._chosen[line.line] = by_text.get(line.number, 0)
            elif line.series is None and line.source.number_id is not None:
                self._chosen[line.line] = line.source.number_id
        wanted = tuple(sorted(set(self._chosen.values())))
        if wanted:
            held = NumberFilter(ids=wanted, organization_ids=(self._organization.id,))
            await locks.lock_ids(connection, held, limit=len(wanted))
            self._numbers = await phone_numbers.by_ids(connection, wanted, within=scope)

    def _take_named(self) -> set[int]:
        """Refuse lines whose number can't be had. The named numbers, which no tag and no series yields."""
        taken: set[int] = set()
        for line in self._lines:
            number_id = self._chosen.get(line.line)
            if number_id is None or line.refusal is not None:
                continue
            line.refusal = self._refusal(self._numbers.get(number_id))
            if line.refusal is None and number_id in taken:
                line.refusal = AlreadyExists(f"{self._numbers[number_id].number} is in the list twice.")
            taken.add(number_id)
        return set(self._chosen.values())

    def _refusal(self, number: NumberRecord | None) -> DialtreeError | None:
        if number is None or number.retired_at is not None:
            return not_found("number", path=())
        if number.status not in sources(NumberAction.INVITE):
            refusals = [refusal_of(self._work, number)]
            return refuse_transition(NumberAction.INVITE, refusals, count=1, path=())
        try:
            require_held(number, self._organization)
        except InvalidInput as error:
            return error
        return None

    # What tags and series yield

    async def _take_tagged(self, named: set[int]) -> None:
        by_tag: dict[str, list[Line]] = defaultdict(list)
        for line in self._lines:
            if line.refusal is None and line.source.reserved_tag is not None:
                by_tag[clean_tag(line.source.reserved_tag, path=())].append(line)
        taken = set(named)
        for tag, lines in by_tag.items():
            found = await invitations.tagged_ids(
                self._work.connection, holder=self._organization.id, tag=tag, but=sorted(taken), limit=len(lines)
            )
            taken |= set(found)
            name = self._organization.name
            self._deal(found, lines, NotFound(f"{name} has no number that is reserved with the tag {tag!r}."))

    async def _take_of_series(self, named: set[int]) -> None:
        by_series: dict[int | str, list[Line]] = defaultdict(list)
        for line in self._lines:
            if line.refusal is None and (line.series is not None or line.source.series_id is not None):
                by_series[line.series or line.source.series_id or 0].append(line)
        for wanted, lines in by_series.items():
            record_ = await self._series(wanted)
            if record_ is None:
                self._deal([], lines, not_found("series", path=()))
                continue
            found = await invitations.available_ids(
                self._work.connection,
                holder=self._organization.id,
                series=record_.id,
                but=sorted(named),
                limit=len(lines),
            )
            message = f"{self._organization.name} has no available number left in {record_.name}."
            self._deal(found, lines, InsufficientNumbers(message))

    async def _series(self, wanted: int | str) -> SeriesRecord | None:
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

    def _deal(self, found: list[int], lines: list[Line], refusal: DialtreeError) -> None:
        """Give the numbers to the lines in their order; the lines that go without are refused."""
        for index, line in enumerate(lines):
            if index < len(found):
                self._chosen[line.line] = found[index]
            else:
                line.refusal = refusal
