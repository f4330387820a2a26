import pytest

from uncase_pipeline.adapter.accountant import cost_of
from uncase_pipeline.adapter.contract import AdapterSettings
from uncase_pipeline.adapter.plan import make_plan
from uncase_pipeline.errors import UncaseError


def plan(units=200, **privacy):
    training = {"steps": 10, "processes": 2 if privacy.get("twin") else 1}
    settings = AdapterSettings.model_validate({"privacy": privacy, "training": training})
    return make_plan(settings, units=units, rows=units * 2, base_size=1_000_000)


def test_a_plan_keeps_its_epsilon_and_a_delta_below_a_tenth_of_one_over_n():
    found = plan()
    assert cost_of([(found.sigma, found.rate, found.steps)], found.delta).epsilon <= 8.0
    assert found.delta == 1e-5
    settings = AdapterSettings.model_validate({"training": {"steps": 2}})
    large = make_plan(settings, units=50_000, rows=50_000, base_size=1)
    assert large.delta == pytest.approx(0.1 / 50_000)


@pytest.mark.parametrize(
    ("units", "privacy", "code"),
    [
        (200, {"delta": 1 / 200}, "delta-too-large"),
        (200, {"epsilon": 8.5}, "epsilon-over-cap"),
        (200, {"epsilon": 4, "epsilon_cap": 3}, "epsilon-over-cap"),
        (99, {}, "too-few-units"),
        (200, {"twin": True}, "twin-needs-one-process"),
    ],
)
def test_a_promise_that_says_nothing_is_refused(units, privacy, code):
    with pytest.raises(UncaseError) as caught:
        plan(units, **privacy)
    assert caught.value.code == code


def test_secrets_of_the_audit_do_not_make_up_for_people():
    settings = AdapterSettings.model_validate({"training": {"steps": 10}})
    with pytest.raises(UncaseError, match="There are 99 units"):
        make_plan(settings, units=300, rows=400, base_size=1, secrets=201)


def test_few_units_are_accepted_where_a_person_says_so():
    assert plan(20, accept_small_population=True).units == 20


def test_without_privacy_the_steps_are_passes_over_the_rows():
    settings = AdapterSettings.model_validate(
        {"privacy": {"enabled": False}, "training": {"epochs": 2, "batch": 10}}
    )
    found = make_plan(settings, units=5, rows=95, base_size=1)
    assert (found.steps, found.sigma) == (19, 0.0)
