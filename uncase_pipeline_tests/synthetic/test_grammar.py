import re
from random import Random

import pytest

from uncase_pipeline.domains import DOMAINS
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.synthetic.simulator.cases import cases_of, grammar_of
from uncase_pipeline.synthetic.simulator.grammar import Grammar, Memory, parse_rules, references_of
from uncase_pipeline.synthetic.simulator.language import LANGUAGES, grammar_for, tidy
from uncase_pipeline.synthetic.simulator.telling import tellings

FROM_OUTSIDE = {
    "topic", "said", "why", "ask", "do", "want", "deny", "task", "told", "so", "look", "facts", "name", "value",
    "wish",
}  # fmt: skip
NAMED_IN_CODE = re.compile(
    r"(?:user|assistant|fact|result\.tell)\..+|result\.(?:error|empty|so)|given|daytime|goal|aspects"
)
PARTS = ("", ".q", ".a", ".why", ".do", ".me", ".ask")


def texts_of(source: str, rule: str, *, count: int = 40, **context: str) -> set[str]:
    grammar = Grammar(parse_rules(source))
    return {grammar.expand(rule, Memory(Random(number), context)) for number in range(count)}


def test_alternatives_choices_and_options_are_expanded():
    assert texts_of("a: x (y|z) [w] | q", "a") == {"x y ", "x z ", "x y w", "x z w", "q"}


def test_a_rule_may_stand_on_several_lines_and_refer_to_another():
    assert texts_of("a:\n  one {b}\n  two {b}  # a comment\nb: end", "a") == {"one end", "two end"}


def test_a_value_of_the_context_is_said_before_a_rule_of_that_name():
    assert texts_of("a: {b}\nb: rule", "a", b="value") == {"value"}


def test_no_alternative_is_repeated_before_all_were_used():
    grammar = Grammar(parse_rules("a: 1 | 2 | 3 | 4"))
    memory = Memory(Random(5))
    assert sorted(grammar.expand("a", memory) for _ in range(4)) == ["1", "2", "3", "4"]


def test_the_register_chooses_the_form():
    grammar = Grammar(parse_rules("a: <le/te> digo"))
    assert grammar.expand("a", Memory(Random(1))) == "le digo"
    assert grammar.expand("a", Memory(Random(1), familiar=True)) == "te digo"


def test_a_familiar_rule_stands_in_for_the_formal_one():
    grammar = Grammar(parse_rules("a: {b}\nb: buenas tardes\nb.familiar: hola"))
    assert grammar.expand("a", Memory(Random(1))) == "buenas tardes"
    assert grammar.expand("a", Memory(Random(1), familiar=True)) == "hola"


def test_a_rule_with_both_genders_gives_two():
    rules = parse_rules("d.mf: nuev@s | grandes")
    assert {str(text) for text in rules["d.m"].alternatives} == {"nuevos", "grandes"}
    assert {str(text) for text in rules["d.f"].alternatives} == {"nuevas", "grandes"}


@pytest.mark.parametrize("source", ["a: (x", "a: x)", "not a rule", "  before the first rule"])
def test_a_broken_file_is_refused_with_its_place(source: str):
    with pytest.raises(UncaseError, match=r"Line \d|Rule a") as caught:
        parse_rules(source)
    assert caught.value.code == "bad-grammar"


def test_an_unknown_rule_is_named():
    with pytest.raises(UncaseError, match="'b'"):
        Grammar(parse_rules("a: {b}")).expand("a", Memory(Random(1)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("domain", DOMAINS)
def test_every_grammar_is_whole(domain: str, language: str):
    grammar = grammar_of(domain, language)
    aspects = [str(name) for name in grammar.rules["aspects"].alternatives]
    missing = [f"{aspect}{part}" for aspect in aspects for part in PARTS if f"{aspect}{part}" not in grammar]
    dangling = {name for _, name in grammar.references() if name not in grammar}
    assert not missing
    assert dangling <= FROM_OUTSIDE
    assert {"hold", "note", "goal"} <= grammar.rules.keys()
    assert len(aspects) >= 10


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("domain", DOMAINS)
def test_no_rule_is_written_that_nobody_says(domain: str, language: str):
    grammar = grammar_of(domain, language)
    lines = (
        line for case in cases_of(domain, language).values() for kind in case.lines.values() for line in kind
    )
    tools = (text for kinds in tellings(language).values() for kind in kinds for text in (kind.told, kind.so))
    said = {
        name
        for part in (*tools, *(part for line in lines for part in line.parts))
        for name in references_of(part)
    }
    said |= {name for _, name in grammar.references()}
    aspects = [str(name) for name in grammar.rules["aspects"].alternatives]
    said |= {f"{aspect}{part}" for aspect in aspects for part in PARTS}
    unsaid = {rule.removesuffix(".familiar") for rule in grammar.rules} - said
    assert [rule for rule in unsaid if not NAMED_IN_CODE.fullmatch(rule)] == []


def test_sentences_are_tidied():
    assert tidy("hola , ¿qué pasa con  de el plan ?  bien .", "es") == "Hola, ¿qué pasa con del plan? Bien."
    assert tidy("i saw a old car and a unit .", "en") == "I saw an old car and a unit."


def test_an_unsupported_language_is_refused():
    with pytest.raises(UncaseError, match="'fr'"):
        grammar_for("fr")
