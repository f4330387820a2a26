import math

import pytest
from dp_accounting import dp_event
from dp_accounting.pld import pld_privacy_accountant

from uncase_pipeline.adapter.accountant import cost_of, group_epsilon, noise_for
from uncase_pipeline.errors import UncaseError

DELTA = 1e-5


def epsilon_by_pld(history):
    accountant = pld_privacy_accountant.PLDAccountant(value_discretization_interval=1e-3)
    for sigma, rate, steps in history:
        step = dp_event.PoissonSampledDpEvent(rate, dp_event.GaussianDpEvent(sigma))
        accountant.compose(dp_event.SelfComposedDpEvent(step, steps))
    return accountant.get_epsilon(DELTA)


@pytest.mark.parametrize(
    "history",
    [[(2.0, 0.3, 60)], [(1.0, 0.1, 100)], [(1.1, 0.2, 40), (3.0, 0.4, 80)]],
)
def test_epsilon_agrees_with_a_second_library_and_is_below_rdp(history):
    cost = cost_of(history, DELTA)
    assert cost.epsilon == pytest.approx(epsilon_by_pld(history), abs=0.05)
    assert cost.epsilon < cost.epsilon_rdp


@pytest.mark.parametrize(("epsilon", "rate", "steps"), [(8.0, 0.4, 40), (2.0, 0.1, 60), (0.5, 0.05, 50)])
def test_the_noise_keeps_within_epsilon_and_is_no_larger_than_needed(epsilon, rate, steps):
    sigma = noise_for(epsilon, DELTA, rate, steps)
    assert epsilon * 0.99 < cost_of([(sigma, rate, steps)], DELTA).epsilon <= epsilon


def test_an_epsilon_that_no_noise_reaches_is_refused():
    with pytest.raises(UncaseError, match="Take fewer steps"):
        noise_for(1e-6, DELTA, 0.5, 10_000)


def test_steps_without_noise_cost_everything_and_no_steps_cost_nothing():
    assert cost_of([(0.0, 0.1, 5)], DELTA).epsilon == math.inf
    assert cost_of([(1.0, 0.1, 0)], DELTA).epsilon == 0.0


def test_a_person_with_several_rows_would_be_worse_off_were_each_row_a_unit():
    history = [(2.0, 0.1, 30)]
    one, two, three = (group_epsilon(history, DELTA, rows) for rows in (1, 2, 3))
    assert one == pytest.approx(cost_of(history, DELTA).epsilon, abs=0.05)
    assert two > 1.8 * one
    assert three > two
