"""Where learning by preference may start."""

import pytest

from uncase_pipeline.adapter.contract import AdapterSettings
from uncase_pipeline.adapter.start import starting_point
from uncase_pipeline.errors import UncaseError
from uncase_pipeline_tests.adapter.test_promotion import DOMAIN, published, result

ON_TOP = {"objective": "dpo", "start": "published"}


def chosen(**over) -> AdapterSettings:
    return AdapterSettings.model_validate({"training": ON_TOP, **over})


def refusal(lake, house, settings) -> str:
    with pytest.raises(UncaseError) as caught:
        starting_point(lake, house, DOMAIN, settings)
    return caught.value.code


def test_unless_it_is_asked_for_training_starts_from_the_base(house, lake):
    assert starting_point(lake, house, DOMAIN, AdapterSettings()) is None


def test_the_published_supervised_adapter_is_the_start_and_stays_it_once_another_went_on_from_it(house, lake):
    first = published(lake, house, result())
    start = starting_point(lake, house, DOMAIN, chosen())
    assert (start.version, start.job, start.folder.name) == (first.id, "job", "adapter")
    published(lake, house, result().model_copy(update={"started_from": first.id, "settings": chosen()}))
    assert starting_point(lake, house, DOMAIN, chosen()) == start


def test_what_can_t_be_gone_on_from_is_refused(house, lake):
    assert refusal(lake, house, chosen()) == "nothing-published"
    published(lake, house, result())
    assert refusal(lake, house, chosen(training={"start": "published"})) == "start-needs-pairs"
    assert refusal(lake, house, chosen(lora={"r": 4})) == "start-differs"
    open_to_all = result().privacy.model_copy(update={"enabled": False})
    published(lake, house, result().model_copy(update={"privacy": open_to_all}))
    assert refusal(lake, house, chosen()) == "start-not-private"
    published(lake, house, result().model_copy(update={"settings": chosen()}))
    assert refusal(lake, house, chosen()) == "no-supervised-adapter"


def test_a_start_that_was_dropped_since_is_named(house, lake):
    first = published(lake, house, result())
    published(lake, house, result().model_copy(update={"started_from": first.id, "settings": chosen()}))
    lake.fs.rm(first.folder, recursive=True)
    assert refusal(lake, house, chosen()) == "version-gone"


def test_an_adapter_that_was_changed_after_publishing_is_no_start(house, lake):
    version = published(lake, house, result())
    lake.fs.pipe_file(version.path("result.json"), b"{}")
    with pytest.raises(UncaseError, match="changed"):
        starting_point(lake, house, DOMAIN, chosen())
