"""Medians, spreads and ratios, and the order of rounds."""

from collections.abc import Callable

from benchmarks.comparison import Spread, alternate, ratio, spread


def test_a_spread_is_the_median_between_the_lowest_and_the_highest() -> None:
    assert spread([30.0, 10.0, 20.0]) == Spread(median=20.0, lowest=10.0, highest=30.0)
    assert spread([10.0, 20.0]) == Spread(median=15.0, lowest=10.0, highest=20.0)


def test_ratios_are_computed_within_each_round() -> None:
    # The machine is half as fast in the second round; the ratio within each round stays three.
    assert ratio([300.0, 150.0, 330.0], [100.0, 50.0, 100.0]) == Spread(median=3.0, lowest=3.0, highest=3.3)


def test_every_round_runs_all_contenders_starting_with_another_one() -> None:
    turns: list[str] = []

    def running(name: str) -> Callable[[], float]:
        def run() -> float:
            turns.append(name)
            return float(len(turns))

        return run

    figures = alternate({name: running(name) for name in "abc"}, rounds=4)
    assert "".join(turns) == "abcbcacababc"
    assert figures == {"a": [1, 6, 8, 10], "b": [2, 4, 9, 11], "c": [3, 5, 7, 12]}
