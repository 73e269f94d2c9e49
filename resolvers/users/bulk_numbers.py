"""Choose the number of each line of a bulk invitation: named numbers first, then by tag, then from a series."""

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
from domain.texts import clean_tag, fold_for_lookup
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.numbers.refusals import refusal_of
from resolvers.users.assignment import require_holder
from resolvers.users.bulk_lines import InvitationLine


class NumberSelection:
    """Selects and locks the numbers of a bulk invitation, and refuses the lines whose number is not available."""

    def __init__(self, work: UnitOfWork, organization: OrganizationRecord, lines: list[InvitationLine]) -> None:
        self._work = work
        self._organization = organization
        self._lines = lines
        self._chosen: dict[int, int] = {}
        self._numbers: dict[int, NumberRecord] = {}

    async def run(self) -> dict[int, int]:
        """Return the number ids by line; lines without a number are missing."""
        await self._lock_named()
        named = self._check_named()
        await self._choose_by_tag(named)
        await self._choose_from_series(named)
        return self._chosen

    async def _lock_named(self) -> None:
        """Look up and lock the numbers that lines name."""
        connection, scope = self._work.connection, self._work.scope
        written = {line.number for line in self._lines if line.number is not None}
        ids_by_number = (
            await phone_numbers.ids_by_number(connection, sorted(written), root_id=self._work.root_id)
            if written
            else {}
        )
        for line in self._lines:
            if line.number is not None:
                self._chosen[line.line] = ids_by_number.get(line.number, 0)
            elif line.series is None and line.source.number_id is not None:
                self._chosen[line.line] = line.source.number_id
        wanted = tuple(sorted(set(self._chosen.values())))
        if wanted:
            held = NumberFilter(ids=wanted, organization_ids=(self._organization.id,))
            await locks.lock_ids(connection, held, limit=len(wanted))
            self._numbers = await phone_numbers.by_ids(connection, wanted, within=scope)

    def _check_named(self) -> set[int]:
        """Refuse lines whose named number is unavailable. Return those of the others, to exclude them from the rest."""
        taken: dict[int, int] = {}
        for line in self._lines:
            number_id = self._chosen.get(line.line)
            if number_id is None or line.refusal is not None:
                continue
            line.refusal = self._refusal(self._numbers.get(number_id))
            if line.refusal is None and number_id in taken:
                number = self._numbers[number_id].number
                line.refusal = AlreadyExists(f"{number} is in the list twice: it is on line {taken[number_id]} too.")
            if line.refusal is None:
                taken[number_id] = line.line
        return set(taken)

    def _refusal(self, number: NumberRecord | None) -> DialtreeError | None:
        if number is None or number.retired_at is not None:
            return not_found("number", path=())
        if number.status not in sources(NumberAction.INVITE):
            return refuse_transition(NumberAction.INVITE, [refusal_of(self._work, number)], count=1, path=())
        try:
            require_holder(number, self._organization)
        except InvalidInput as error:
            return error
        return None

    async def _choose_by_tag(self, named: set[int]) -> None:
        by_tag: dict[str, list[InvitationLine]] = defaultdict(list)
        for line in self._lines:
            if line.refusal is None and line.source.reserved_tag is not None:
                by_tag[clean_tag(line.source.reserved_tag, path=())].append(line)
        taken = set(named)
        for tag, lines in by_tag.items():
            found = await invitations.tagged_ids(
                self._work.connection, holder=self._organization.id, tag=tag, exclude=sorted(taken), limit=len(lines)
            )
            taken |= set(found)
            refusal = NotFound(f"{self._organization.name} has no number left that is reserved with the tag {tag!r}.")
            self._distribute(found, lines, refusal)

    async def _choose_from_series(self, named: set[int]) -> None:
        by_series: dict[int | str, list[InvitationLine]] = defaultdict(list)
        for line in self._lines:
            if line.refusal is None and (line.series is not None or line.source.series_id is not None):
                by_series[fold_for_lookup(line.series or "") or line.source.series_id or 0].append(line)
        for wanted, lines in by_series.items():
            chosen_series = await self._find_series(wanted)
            if chosen_series is None:
                self._distribute([], lines, not_found("series", path=()))
                continue
            found = await invitations.available_ids(
                self._work.connection,
                holder=self._organization.id,
                series=chosen_series.id,
                exclude=sorted(named),
                limit=len(lines),
            )
            refusal = InsufficientNumbers(
                f"{self._organization.name} has no available number left in {chosen_series.name}."
            )
            self._distribute(found, lines, refusal)

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

    def _distribute(self, number_ids: list[int], lines: list[InvitationLine], refusal: DialtreeError) -> None:
        """Give the numbers to the lines in order, and refuse the lines for which none is left."""
        for index, line in enumerate(lines):
            if index < len(number_ids):
                self._chosen[line.line] = number_ids[index]
            else:
                line.refusal = refusal
