"""The embedded provider: through litellm like any other, and without a network."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.gateway import backend
from uncase_pipeline.gateway.door import Gateway
from uncase_pipeline.gateway.ledger import ledger_path, summary
from uncase_pipeline.gateway.offline import OfflineCall, OfflineReply, register_offline
from uncase_pipeline.gateway.request import Outcome, RawToolCall, Reply, Request, text_message
from uncase_pipeline.settings import Settings
from uncase_pipeline_tests.gateway.world import SmallScanner, run, with_settings

MODEL = "offline/echo"
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}


async def _asked(house: Settings, *requests: Request) -> list[Outcome]:
    async with Gateway.open(house, SmallScanner(), run_id="run-1", log=lambda _line: None) as door:
        return [await door.complete(request) for request in requests]


def _ask(text: str, **more: object) -> Request:
    return Request(MODEL, [text_message("user", text)], **more)  # type: ignore[arg-type]


def test_the_function_gets_the_call_as_it_came_through_litellm(
    house: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[OfflineCall] = []
    through: list[str] = []
    litellm = backend.load_litellm()
    real = litellm.completion

    def watched(**parts: object) -> object:
        through.append(str(parts["model"]))
        return real(**parts)

    def answer(call: OfflineCall) -> OfflineReply:
        calls.append(call)
        return OfflineReply("", (RawToolCall("call", "f", '{"a": 1}'),), "tool_calls")

    monkeypatch.setattr(litellm, "completion", watched)
    register_offline(answer, model="echo", version="1")
    request = _ask("hola", tools=[TOOL], parameters={"temperature": 0.2}, hints={"seed": [1, 2]}, sample=3)
    [reply] = run(_asked(house, request))
    assert isinstance(reply, Reply)
    assert reply.tool_calls == (RawToolCall("call", "f", '{"a": 1}'),)
    assert (reply.provider, reply.cost_usd, reply.finish_reason) == ("offline", 0.0, "tool_calls")
    [call] = calls
    assert (call.tools, call.hints, call.sample) == ([TOOL], {"seed": [1, 2]}, 3)
    assert call.parameters["temperature"] == 0.2
    assert through == [MODEL]


def test_other_hints_and_another_version_are_other_calls(house: Settings) -> None:
    register_offline(lambda call: OfflineReply(f"v1 {call.hints}"), model="echo", version="1")
    first, second = run(_asked(house, _ask("hola", hints={"a": 1}), _ask("hola", hints={"a": 2})))
    register_offline(lambda call: OfflineReply(f"v2 {call.hints}"), model="echo", version="2")
    [third] = run(_asked(house, _ask("hola", hints={"a": 1})))
    assert [reply.text for reply in (first, second, third) if isinstance(reply, Reply)] == [
        "v1 {'a': 1}",
        "v1 {'a': 2}",
        "v2 {'a': 1}",
    ]


def test_what_the_function_raises_ends_the_run_and_is_no_network_error(house: Settings) -> None:
    def broken(_call: OfflineCall) -> OfflineReply:
        raise KeyError("María López")

    register_offline(broken, model="echo", version="broken")
    with pytest.raises(UncaseError) as error:
        run(_asked(house, _ask("hola")))
    assert error.value.code == "offline-failed"
    assert "KeyError at test_offline.py:" in error.value.message
    assert "María" not in str(error.value)


def test_a_model_that_nobody_registered_is_told_as_such(house: Settings) -> None:
    with pytest.raises(UncaseError) as error:
        run(_asked(house, Request("offline/nobody", [text_message("user", "hola")])))
    assert error.value.code == "no-offline-model"


def test_a_run_without_a_network_asks_nobody_even_with_a_fallback_configured(
    house: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached: list[object] = []

    def cut(_socket: socket.socket, address: object) -> None:
        reached.append(address)
        raise OSError("the network is cut")

    register_offline(lambda _call: OfflineReply("hola"), model="echo", version="1")
    monkeypatch.setattr(socket.socket, "connect", cut)
    monkeypatch.setattr(socket.socket, "connect_ex", cut)
    settings = with_settings(house, fallback_models=["openai/gpt-5-mini"])
    outcomes = run(_asked(settings, *(_ask(f"hola {n}") for n in range(20))))
    assert all(isinstance(outcome, Reply) for outcome in outcomes)
    assert reached == []
    egress = summary(ledger_path(house))
    assert (egress.calls_sent, egress.calls_in_process) == (0, 20)


@pytest.mark.parametrize("error", [ImportError, TypeError])
def test_a_litellm_whose_record_has_another_form_still_answers(
    house: Settings, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    tried: list[dict[str, object]] = []

    def other_form() -> object:
        def record(**parts: object) -> None:
            tried.append(parts)
            raise error

        return record

    monkeypatch.setattr(backend, "_record_type", other_form)
    register_offline(lambda _call: OfflineReply("answered"), model="echo", version="1")
    [reply] = run(_asked(house, _ask("hola")))
    assert isinstance(reply, Reply)
    assert (reply.text, reply.cost_usd, len(tried)) == ("answered", 0.0, 1)


def test_the_very_first_call_of_a_process_is_answered(house: Settings) -> None:
    code = (
        "import asyncio\n"
        "from uncase_pipeline.gateway.door import Gateway\n"
        "from uncase_pipeline.gateway.offline import OfflineReply, register_offline\n"
        "from uncase_pipeline.gateway.request import Request, text_message\n"
        "from uncase_pipeline.settings import Settings\n"
        "from uncase_pipeline_tests.gateway.world import SmallScanner\n"
        "register_offline(lambda call: OfflineReply('answered'), model='echo', version='1')\n"
        "async def first():\n"
        f"    settings = Settings(home={str(house.home)!r})\n"
        "    async with Gateway.open(settings, SmallScanner(), run_id='r', log=print) as door:\n"
        "        return await door.complete(Request('offline/echo', [text_message('user', 'hola')]))\n"
        "print(asyncio.run(first()).text)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines()[-1] == "answered"


def test_nothing_loads_litellm_before_the_first_call(tmp_path: Path) -> None:
    code = (
        "import os, sys\n"
        "os.environ['LITELLM_LOG'] = 'DEBUG'\n"
        "import uncase_pipeline.gateway.door, uncase_pipeline.gateway.ledger, uncase_pipeline.cli.app\n"
        "assert 'litellm' not in sys.modules\n"
        "from uncase_pipeline.gateway.backend import load_litellm\n"
        "litellm = load_litellm()\n"
        "assert os.environ['LITELLM_LOCAL_MODEL_COST_MAP'] == 'True'\n"
        "import logging\n"
        "assert min(h.level for h in logging.getLogger('LiteLLM').handlers) > logging.INFO\n"
        "assert litellm.telemetry is False\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
