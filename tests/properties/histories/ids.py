"""Which id of the server stands for which key of the model."""

from dataclasses import dataclass, field

# Keys that stand for ids nobody gave out. Two of them don't even decode; the third is an id of
# another type. "An id that does not exist" includes all three.
STRANGERS = ("stranger-1", "stranger-2", "stranger-3")


@dataclass
class Ids:
    """What the server calls the organizations, numbers, series and operations of the model."""

    organizations: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    series: dict[str, str] = field(default_factory=dict)
    operations: dict[int, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    tokens: dict[int, str] = field(default_factory=dict)
    """The token of every link that was sent."""

    def organization(self, key: str) -> str:
        """The id of an organization, there or not."""
        return self._of(key, self.organizations, self.series)

    def number(self, number: str) -> str:
        """The id of a number, there or not."""
        return self._of(number, self.numbers, self.organizations)

    def user(self, key: str) -> str:
        """The id of a user, there or not."""
        return self._of(key, self.users, self.numbers)

    def one_series(self, name: str) -> str:
        """The id of a series, there or not."""
        return self._of(name, self.series, self.numbers)

    def key(self, organization: str) -> str:
        """The key of an organization's id; one that the model does not know stays as it is."""
        for key, value in self.organizations.items():
            if value == organization:
                return key
        return f"unknown {organization}"

    @staticmethod
    def _of(key: str, known: dict[str, str], others: dict[str, str]) -> str:
        if key in STRANGERS:
            return ("not an id!", "", next(iter(others.values())))[STRANGERS.index(key)]
        return known[key]
