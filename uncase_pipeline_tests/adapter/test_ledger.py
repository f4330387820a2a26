import math
import sqlite3

import pytest

from uncase_pipeline.adapter.accountant import cost_of
from uncase_pipeline.adapter.ledger import Ledger
from uncase_pipeline.errors import UncaseError

DELTA = 1e-5
RUN = (2.0, 0.2, 30)


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "ledger.db")


def book(ledger, members, *, job="job", planned=RUN, cap=8.0):
    return ledger.book(
        population="automotive.sales",
        job=job,
        objective="sft",
        planned=planned,
        delta=DELTA,
        members=members,
        units=len(members),
        cap=cap,
    )


def test_two_runs_on_the_same_people_are_composed_exactly_not_added(ledger):
    book(ledger, ["a", "b"])
    book(ledger, ["a", "b"])
    first, second = ledger.entries()
    exact = cost_of([RUN, RUN], DELTA).epsilon
    assert second.total == pytest.approx(exact)
    assert exact < 2 * first.epsilon * 0.9


def test_runs_on_different_people_cost_each_of_them_only_their_own(ledger):
    book(ledger, ["a", "b"])
    book(ledger, ["c", "d"])
    first, second = ledger.entries()
    assert second.total == pytest.approx(first.total)


def test_one_person_in_common_is_enough_to_add_up(ledger):
    first = book(ledger, ["a", "b"])
    second = book(ledger, ["b", "c"])
    assert ledger.earlier(first) == []
    assert ledger.earlier(second) == [RUN]


def test_a_run_that_would_pass_the_cap_is_refused_and_not_booked(ledger):
    book(ledger, ["a"])
    cap = ledger.entries()[0].epsilon * 1.2
    with pytest.raises(UncaseError, match="the cap is") as caught:
        book(ledger, ["a", "z"], cap=cap)
    assert caught.value.code == "privacy-budget-spent"
    assert len(ledger.entries()) == 1
    book(ledger, ["z"], cap=cap)


def test_a_run_that_has_not_ended_counts_in_full_and_an_ended_one_by_the_steps_it_took(ledger):
    booking = book(ledger, ["a"])
    assert ledger.entries()[0].steps == 30
    ledger.settle(booking, 10)
    ledger.settle(booking, 1)
    entry = ledger.entries()[0]
    assert (entry.steps, entry.settled) == (10, True)
    assert entry.epsilon == pytest.approx(cost_of([(2.0, 0.2, 10)], DELTA).epsilon)


def test_training_without_privacy_leaves_no_budget_for_the_same_people(ledger):
    book(ledger, ["a"], planned=(0.0, 0.0, 10), cap=math.inf)
    with pytest.raises(UncaseError):
        book(ledger, ["a"])
    book(ledger, ["b"])


def test_an_adapter_that_goes_on_costs_whoever_is_behind_both_trainings_the_two_and_nothing_else(ledger):
    book(ledger, ["a", "b"], job="other")
    book(ledger, ["a", "b"], job="start")
    shared, apart = book(ledger, ["b", "c"], job="pairs"), book(ledger, ["d"], job="strangers")
    assert ledger.within(shared, "start") == [RUN, RUN]
    assert ledger.within(apart, "start") == [RUN]
    assert ledger.within(shared, "booked elsewhere") == []


@pytest.mark.parametrize(
    "sql", ["UPDATE bookings SET steps = 0", "DELETE FROM members", "DELETE FROM bookings"]
)
def test_rows_can_be_neither_changed_nor_dropped(ledger, tmp_path, sql):
    book(ledger, ["a"])
    with (
        sqlite3.connect(tmp_path / "ledger.db") as books,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        books.execute(sql)
