"""The sizing table is made of the newest measured figures."""

import pytest

from benchmarks.sizing import BENCHMARKS, OPERATIONS, Cost, measured, table, written


def test_the_table_is_made_of_the_figures_in_benchmarks() -> None:
    text = OPERATIONS.read_text()
    made = table(measured(BENCHMARKS.read_text()))
    assert written(text, made) == text, "run python -m benchmarks.sizing --write"


def test_a_figure_that_is_missing_is_named() -> None:
    with pytest.raises(ValueError, match="base, further"):
        measured("| this service, advice ignored | 0.08 |\n")


def test_the_worse_of_two_costs_counts() -> None:
    told = (
        "| this service, advice ignored | 0.077\u20130.113 | 2 |\n"
        "holds 200 MiB with one session and 5 MiB more for each\n"
    )
    assert measured(told) == Cost(0.113, 200.0, 5.0)


def test_two_thirds_of_each_core_are_planned_with() -> None:
    cost = Cost(cpu=0.1, base=200.0, further=5.0)
    assert cost.sessions_per_core == 6
    assert cost.row(600).startswith("| 600 | 100 | 13 |")
    assert Cost(cpu=0.9, base=200.0, further=5.0).row(2).startswith("| 2 | 2 | 1 | 0.4 GiB")
