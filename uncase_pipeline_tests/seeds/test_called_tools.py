"""Tools that nobody declared: what their calls show, and what of it may enter a seed."""

from typing import Any

import orjson
import pytest

from uncase_pipeline.anonymized.scanner import build_scanner
from uncase_pipeline.records.conversation import Conversation, Message, ToolCall
from uncase_pipeline.records.seed import InferredTool, Seed
from uncase_pipeline.records.seed_rows import read_seeds, write_seeds
from uncase_pipeline.seeds.called_tools import called_in, readings
from uncase_pipeline.seeds.extract import content_of, seed_of
from uncase_pipeline.seeds.rules import IDENTIFIER, Identifiers
from uncase_pipeline.seeds.validate import problems_of
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.lake import Lake
from uncase_pipeline_tests.builders import conversation
from uncase_pipeline_tests.seeds.doubles import WordScanner, made


@pytest.fixture(scope="module")
def identifiers() -> Identifiers:
    return Identifiers(build_scanner(Settings()))


def talk(*calls: tuple[str, dict[str, Any]], subject: str = "one", price: str = "$320,000") -> Conversation:
    row = conversation(
        "u: Hola, busco boletos", "a: Con gusto", "u: Dos, por favor", f"a: Son {price}", subject_id=subject
    )
    for number, (name, arguments) in enumerate(calls):
        row.messages[2:2] = [
            Message("assistant", "", tool_calls=[ToolCall(f"c{number}", name, arguments)]),
            Message("tool", "{}", tool_call_id=f"c{number}"),
        ]
    return row


def test_a_call_shows_names_and_types_and_nothing_of_any_value() -> None:
    values = {
        "city": "Guadalajara", "seats": 2, "price": 9.5, "aisle": True, "tags": ["sala azul"],
        "extra": {"notas": "urgente"}, "coupon": None,
    }  # fmt: skip
    tool = called_in(talk(("find_seats", values)))["find_seats"]
    assert tool.arguments == {
        "aisle": ["boolean"], "city": ["string"], "coupon": ["null"], "extra": ["object"],
        "price": ["number"], "seats": ["integer"], "tags": ["array"],
    }  # fmt: skip
    assert tool.required == sorted(values)
    written = orjson.dumps(tool.model_dump()).decode()
    assert not any(word in written for word in ("Guadalajara", "sala", "notas", "urgente", "9.5"))


def test_several_calls_are_read_together() -> None:
    tool = called_in(talk(("book", {"seats": 2, "row": 1}), ("book", {"seats": 2.5, "name": "x"})))["book"]
    assert tool == InferredTool(
        arguments={"name": ["string"], "row": ["integer"], "seats": ["number"]}, required=["seats"]
    )


@pytest.mark.parametrize(
    "name",
    [
        "llame a mi hermana", "maria@correo.mx", "5512345678", "x5512345678", "¿cuánto?", "", "a" * 65,
        "the_man_who_lived_next_door_to_us", "nombre: Juan", "book\n",
    ],
)  # fmt: skip
def test_what_looks_like_no_name_is_none(name: str) -> None:
    assert called_in(talk((name, {"city": "x"}))) == called_in(talk(("book", {name: 1}))) == {}


def test_a_tool_of_the_registry_is_not_inferred() -> None:
    assert called_in(talk(("cotizar_vehiculo", {"modelo": "Aveo"}))) == {}


@pytest.mark.parametrize("name", ["maria_lopez", "saldoDeJuanPerez", "emily_watson_id", "anaTorresPago"])
def test_a_person_in_a_name_is_found_by_the_scanner(name: str, identifiers: Identifiers) -> None:
    for row in (talk((name, {"city": "x"})), talk(("find_seats", {name: 1}))):
        seed = seed_of(row)
        assert isinstance(seed, Seed)
        assert identifiers.paths_in(seed)


def test_what_apis_call_their_tools_and_arguments_is_no_identifier(identifiers: Identifiers) -> None:
    names = (
        "get_user_by_email customer_last_name departure_airport zip_code createTicket dropoff_date birth_date"
    )
    seed = seed_of(talk(("find_seats", dict.fromkeys(names.split(), "x"))))
    assert isinstance(seed, Seed) and identifiers.paths_in(seed) == []


def test_a_seed_with_an_identifier_in_a_name_is_rejected() -> None:
    rows = [talk(("find_seats", {"of_xochitl": 1}), subject=subject) for subject in ("one", "two")]
    seeds, notes = made(rows, scanner=WordScanner("xochitl"))
    assert (seeds, notes.tally.rejected[IDENTIFIER]) == ([], 1)


def test_in_a_corpus_names_that_one_subject_uses_stay_out() -> None:
    rows = [
        talk(("find_seats", {"city": "x", "juan": 3}), ("mine", {}), subject="one"),
        talk(("find_seats", {"city": "y"}), subject="two", price="$100"),
    ]
    (first, second), _ = made(rows)
    expected = {"find_seats": InferredTool(arguments={"city": ["string"]}, required=["city"])}
    assert first.inferred_tools == second.inferred_tools == expected
    assert "mine" not in first.tools and "find_seats" in first.tools


def test_support_is_asked_of_names_too() -> None:
    rows = [talk(("find_seats", {"city": "x"}), subject=subject) for subject in ("one", "two")]
    rows += [talk(subject=f"other{number}") for number in range(3)]
    seeds, _ = made(rows, k=3)
    assert seeds and not any(seed.inferred_tools or "find_seats" in seed.tools for seed in seeds)


def test_a_seed_without_inferred_tools_keeps_its_id() -> None:
    seed = seed_of(talk())
    assert isinstance(seed, Seed)
    assert "herramientas_inferidas" not in content_of(seed)
    with_tools = seed_of(talk(("find_seats", {"city": "x"})))
    assert isinstance(with_tools, Seed) and "herramientas_inferidas" in content_of(with_tools)


def test_inferred_tools_are_stored_and_read_back(lake: Lake) -> None:
    seed = seed_of(talk(("find_seats", {"city": "x"})))
    assert isinstance(seed, Seed)
    with lake.stage("seeds", "automotive.sales") as stage:
        write_seeds(stage, [seed])
        assert list(read_seeds(stage)) == [seed]


def test_a_seed_on_the_wire_may_name_its_inferred_tools_and_no_other() -> None:
    seed = seed_of(talk(("find_seats", {"city": "x"})))
    assert isinstance(seed, Seed)
    wire = seed.model_dump(by_alias=True)
    assert list(problems_of(1, wire)) == []
    del wire["herramientas_inferidas"]
    assert [problem.path for problem in problems_of(1, wire)] == ["$.herramientas[0]"]
    wire["herramientas_inferidas"] = {"mi hermana": {}}
    assert list(problems_of(1, wire)) != []


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("find_movies", ["find_movies", "find movies", "find movies"]),
        ("getURLOf", ["getURLOf", "get url of", "get url", "url of"]),
        ("city", ["city", "city"]),
    ],
)
def test_a_name_is_read_whole_by_its_words_and_by_each_two(name: str, read: list[str]) -> None:
    assert list(readings(name)) == read
