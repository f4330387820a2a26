"""Routes from configuration alone, and the registry that keeps keys."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.gateway.providers import KINDS, preference, routes_of
from uncase_pipeline.gateway.registry import Registered, Registry
from uncase_pipeline.settings import Settings
from uncase_pipeline_tests.gateway.world import with_settings

KEY = "sk-registered-0001"


@pytest.mark.parametrize(
    ("variables", "model"),
    [
        ({"LITELLM_API_KEY": "k"}, "openai/gpt-5-mini"),
        ({"ANTHROPIC_API_KEY": "k"}, "anthropic/claude-sonnet-4-5"),
        ({"OPENAI_API_KEY": "k"}, "openai/gpt-5-mini"),
        ({"GEMINI_API_KEY": "k"}, "gemini/gemini-2.5-flash"),
        ({"GROQ_API_KEY": "k"}, "groq/llama-3.3-70b-versatile"),
    ],
)
def test_a_real_provider_needs_two_variables_and_no_code(
    house: Settings, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], model: str
) -> None:
    for kind in KINDS.values():
        for name in kind.key_variables:
            monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("UNCASE_MODEL", model)
    settings = Settings()
    [route] = routes_of(settings.model, settings, Registry.open(settings))
    assert route.model == model
    assert route.api_key is not None
    assert route.destination.startswith(("api.", "generativelanguage."))


def test_ollama_needs_no_key_and_stays_on_this_machine(house: Settings) -> None:
    [route] = routes_of("ollama/llama3.1", house, Registry.open(house))
    assert (route.model, route.destination, route.free) == ("ollama_chat/llama3.1", "127.0.0.1:11434", True)


def test_a_vllm_without_a_base_url_says_what_to_set(house: Settings) -> None:
    with pytest.raises(UncaseError, match="UNCASE_API_BASE"):
        routes_of("vllm/qwen3", house, Registry.open(house))
    [route] = routes_of(
        "vllm/qwen3", with_settings(house, api_base="http://gpu:8000/v1"), Registry.open(house)
    )
    assert (route.model, route.destination) == ("hosted_vllm/qwen3", "gpu:8000")


@pytest.mark.parametrize(
    ("specification", "code"),
    [
        ("gpt-5-mini", "bad-model"),
        ("", "bad-model"),
        ("openai/gpt*x", "bad-model"),
        ("openai/gpt-5", "missing-key"),
    ],
)
def test_a_wrong_model_is_refused_with_a_remedy(
    house: Settings, monkeypatch: pytest.MonkeyPatch, specification: str, code: str
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(UncaseError) as error:
        routes_of(specification, house, Registry.open(house))
    assert error.value.code == code
    assert error.value.remedy


def test_weights_share_the_calls_and_the_same_call_goes_the_same_way(house: Settings) -> None:
    keyed = with_settings(house, litellm_api_key=SecretStr("k"))
    routes = routes_of("openai/gpt-5-mini*3, groq/llama-3.3*1", keyed, Registry.open(house))
    drawn = Counter(preference(routes, f"call_{n}")[0].provider for n in range(2_000))
    assert 0.70 < drawn["openai"] / 2_000 < 0.80
    assert preference(routes, "call_7") == preference(list(reversed(routes)), "call_7")


def test_a_registered_provider_brings_its_own_key_limits_and_prices(house: Settings) -> None:
    registry = Registry.open(house)
    registry.add(
        Registered(
            "mine", "openai-compatible", api_base="https://llm.example/v1", max_in_flight=3,
            requests_per_minute=90, price_in_per_million=1.0, price_out_per_million=2.0,
        ),
        SecretStr(KEY),
    )  # fmt: skip
    [route] = routes_of("mine/qwen3", house, Registry.open(house))
    assert (route.model, route.destination, route.max_in_flight) == ("openai/qwen3", "llm.example", 3)
    assert route.api_key is not None
    assert route.api_key.get_secret_value() == KEY
    assert KEY not in repr(route)


def test_no_file_of_the_registry_holds_a_key_in_the_clear_or_can_be_read_by_others(house: Settings) -> None:
    Registry.open(house).add(Registered("mine", "openai"), SecretStr(KEY))
    for name in ("providers.json", "providers.key"):
        path = house.home / name
        assert KEY not in path.read_text()
        assert path.stat().st_mode & 0o077 == 0


def test_rotation_forgets_the_old_key_and_keeps_every_provider(house: Settings) -> None:
    registry = Registry.open(house)
    registry.add(Registered("one", "openai"), SecretStr(KEY))
    registry.add(Registered("two", "groq"), SecretStr(f"{KEY}-2"))
    old_key = (house.home / "providers.key").read_text()
    old_tokens = {entry.token for entry in registry.all()}
    assert Registry.open(house).rotate() == 2
    after = Registry.open(house)
    assert [after.key_of(entry).get_secret_value() for entry in after.all()] == [KEY, f"{KEY}-2"]
    assert (house.home / "providers.key").read_text() != old_key
    assert old_tokens.isdisjoint(entry.token for entry in after.all())


def test_a_rotation_that_was_cut_short_leaves_a_registry_that_opens(house: Settings) -> None:
    registry = Registry.open(house)
    registry.add(Registered("one", "openai"), SecretStr(KEY))
    path = house.home / "providers.key"
    path.write_text(f"{Fernet.generate_key().decode()}\n{path.read_text()}")
    again = Registry.open(house)
    assert again.key_of(again.all()[0]).get_secret_value() == KEY
    assert again.rotate() == 1


def test_keys_from_the_environment_are_rotated_by_putting_a_new_one_first(house: Settings) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    Registry.open(with_settings(house, providers_key=SecretStr(old))).add(
        Registered("one", "openai"), SecretStr(KEY)
    )
    Registry.open(with_settings(house, providers_key=SecretStr(f"{new},{old}"))).rotate()
    alone = Registry.open(with_settings(house, providers_key=SecretStr(new)))
    assert alone.key_of(alone.all()[0]).get_secret_value() == KEY
    assert not (house.home / "providers.key").exists()


def test_a_lost_key_is_told_as_such(house: Settings) -> None:
    Registry.open(house).add(Registered("one", "openai"), SecretStr(KEY))
    (house.home / "providers.key").write_text(Fernet.generate_key().decode())
    registry = Registry.open(house)
    with pytest.raises(UncaseError) as error:
        registry.key_of(registry.all()[0])
    assert error.value.code == "wrong-providers-key"


def test_a_registry_that_is_not_one_is_told_without_its_content(house: Settings) -> None:
    house.home.mkdir(parents=True)
    (house.home / "providers.json").write_text(json.dumps({"providers": [{"oops": KEY}]}))
    with pytest.raises(UncaseError) as error:
        Registry.open(house)
    assert error.value.code == "bad-registry"
    assert KEY not in str(error.value)


def test_replacing_a_provider_replaces_its_key(house: Settings) -> None:
    registry = Registry.open(house)
    entry = Registered("one", "openai")
    registry.add(entry, SecretStr(KEY))
    registry.add(replace(entry, kind="groq"), SecretStr("other"))
    [after] = Registry.open(house).all()
    assert (after.kind, registry.key_of(after).get_secret_value()) == ("groq", "other")
