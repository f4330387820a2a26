"""``uncase provider``: keys go in and never come out."""

import json

import pytest
from typer.testing import CliRunner

from benchmarks.provider_server import Provider, served
from uncase_pipeline.cli.app import app
from uncase_pipeline.gateway.journal import Journal
from uncase_pipeline.gateway.registry import Registry
from uncase_pipeline.settings import Settings

KEY = "sk-on-no-account-0001"
RUNNER = CliRunner()


def _json(*arguments: str, code: int = 0, stdin: str | None = None) -> dict[str, object]:
    result = RUNNER.invoke(app, ["provider", *arguments, "--json"], input=stdin)
    assert result.exit_code == code, result.output
    assert KEY not in result.output
    document: dict[str, object] = json.loads(result.stdout)
    return document


def test_a_provider_is_added_with_a_key_from_stdin_and_listed_without_it(house: Settings) -> None:
    _json(
        "add", "mine", "--kind", "openai-compatible", "--api-base", "https://llm.example/v1",
        "--model", "qwen3", "--key-stdin", stdin=f"{KEY}\n",
    )  # fmt: skip
    [provider] = _json("list")["providers"]  # type: ignore[misc]
    assert provider["name"] == "mine"
    assert provider["key"] == "stored"
    assert "token" not in provider
    registry = Registry.open(house)
    assert registry.key_of(registry.all()[0]).get_secret_value() == KEY


def test_a_key_is_taken_from_a_variable(house: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    _json("add", "mine", "--kind", "groq", "--key-env", "MY_KEY")
    registry = Registry.open(house)
    assert registry.key_of(registry.all()[0]).get_secret_value() == KEY


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("add", "a/b", "--kind", "openai", "--no-key"), "bad-name"),
        (("add", "mine", "--kind", "skynet", "--no-key"), "unknown-kind"),
        (("add", "mine", "--kind", "openai", "--api-base", "llm.example", "--no-key"), "bad-url"),
        (("add", "mine", "--kind", "openai", "--key-env", "NOT_SET_ANYWHERE"), "no-key"),
        (("remove", "nobody"), "unknown-provider"),
        (("test", "openai"), "no-model"),
        (("test", "vllm/qwen3"), "missing-api-base"),
    ],
)
def test_a_bad_call_is_answered_with_one_sentence(
    house: Settings, arguments: tuple[str, ...], code: str
) -> None:
    error = _json(*arguments, code=2)["error"]
    assert isinstance(error, dict)
    assert error["code"] == code
    assert error["remedy"]


def test_a_removed_provider_is_gone_with_its_key(house: Settings) -> None:
    for name in ("mine", "yours"):
        _json("add", name, "--kind", "openai", "--key-stdin", stdin=f"{KEY}\n")
    assert _json("remove", "mine") == {"removed": "mine"}
    assert [provider["name"] for provider in _json("list")["providers"]] == ["yours"]  # type: ignore[attr-defined]
    assert (house.home / "providers.json").read_text().count("token") == 1


def test_rotation_encrypts_every_key_anew(house: Settings) -> None:
    for name in ("one", "two"):
        _json("add", name, "--kind", "openai", "--key-stdin", stdin=f"{KEY}\n")
    before = (house.home / "providers.json").read_text()
    assert _json("rotate") == {"rotated": 2}
    assert (house.home / "providers.json").read_text() != before


def test_a_provider_that_works_says_how_fast_and_for_how_much(house: Settings) -> None:
    with served(Provider()) as url:
        _json(
            "add", "mine", "--kind", "openai-compatible", "--api-base", url, "--model", "qwen3",
            "--price-in", "1", "--price-out", "2", "--key-stdin", stdin=f"{KEY}\n",
        )  # fmt: skip
        trial = _json("test", "mine")
        again = _json("test", "mine")
    assert trial["answered"] is True
    assert trial["cost_usd"] == pytest.approx(100e-6 + 100e-6)
    assert again["answered"] is True
    journal = Journal.open(house)
    assert journal.costs("purpose").groups["provider-test"].calls == 2
    journal.close()


def test_a_broken_key_is_a_no_in_one_sentence_without_the_key(house: Settings) -> None:
    refused = Provider(status=401, error={"error": {"message": f"Incorrect API key provided: {KEY}"}})
    with served(refused) as url:
        _json(
            "add", "mine", "--kind", "openai-compatible", "--api-base", url, "--model", "qwen3",
            "--key-stdin", stdin=f"{KEY}\n",
        )  # fmt: skip
        trial = _json("test", "mine", code=1)
    assert trial["answered"] is False
    assert "API key is not valid" in str(trial["problem"])
    assert trial["remedy"]


def test_the_embedded_provider_is_tried_without_a_network(house: Settings) -> None:
    trial = _json("test", "offline")
    assert (trial["answered"], trial["destination"], trial["cost_usd"]) == (True, "in-process", 0.0)
    egress = _json("egress")
    assert (egress["calls_sent"], egress["calls_in_process"], egress["intact"]) == (0, 1, True)


def test_costs_are_shown_by_what_is_asked(house: Settings) -> None:
    _json("test", "offline")
    costs = _json("costs", "--by", "purpose", "--accepted", "2")
    assert costs["usd_per_accepted"] == 0.0
    assert "provider-test" in costs["groups"]  # type: ignore[operator]
