"""A wrong value stops the start with the variable's name, and never with a secret."""

import pytest

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.settings import Settings, settings


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("UNCASE_ENV", "staging"),
        ("UNCASE_LOG_LEVEL", "LOUD"),
        ("UNCASE_DEFAULT_LOCALE", "Spanish"),
        ("UNCASE_PII_CONFIDENCE_THRESHOLD", "1.5"),
        ("UNCASE_DP_EPSILON", "-1"),
        ("UNCASE_CONVERSATIONS_PER_SEED", "many"),
    ],
)
def test_a_wrong_value_names_its_variable(
    house: Settings, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    settings.cache_clear()
    with pytest.raises(UncaseError, match=variable):
        settings()


def test_the_mission_s_names_and_defaults_hold(house: Settings) -> None:
    assert house.default_locale == "es"
    assert house.pii_confidence_threshold == 0.85
    assert house.dp_epsilon == 8.0


def test_secrets_are_never_shown(house: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "LITELLM_API_KEY", "ANTHROPIC_API_KEY", "UNCASE_VAULT_KEY"):
        monkeypatch.setenv(name, "s3cr3t-value")
    settings.cache_clear()
    shown = repr(settings()) + str(settings().model_dump())
    assert "s3cr3t-value" not in shown
