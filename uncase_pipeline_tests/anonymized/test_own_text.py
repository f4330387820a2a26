"""The scanner that gates seeds, prompts and synthetic text finds nothing in what the project itself wrote.

A false alarm here stops the whole chain: curated seeds, tool definitions and prompts hold no person.
"""

from collections.abc import Iterator

import pytest

from uncase_pipeline.anonymized.scanner import build_scanner
from uncase_pipeline.domains import DOMAINS
from uncase_pipeline.records.conversation import walk_strings
from uncase_pipeline.seeds.library import curated
from uncase_pipeline.settings import Settings
from uncase_pipeline.tools.registry import definition_of, tools_of


def false_alarms(texts: Iterator[tuple[str, str]], domain: str, language: str, house: Settings) -> list[str]:
    scanner = build_scanner(house)
    return [
        f"{finding.entity_type} {text[max(0, finding.start - 15) : finding.end + 10]!r} at {path}"
        for path, text in texts
        for finding in scanner.scan_text(text, language=language, domain=domain)
    ]


@pytest.mark.parametrize("domain", DOMAINS)
def test_nothing_is_found_in_the_curated_seeds(domain: str, house: Settings) -> None:
    alarms = [
        alarm
        for seed in curated(domain)
        for alarm in false_alarms(
            walk_strings(
                seed.model_dump(by_alias=True, exclude={"seed_id", "source_ids", "subject_ids"}), ""
            ),
            domain,
            seed.language,
            house,
        )
    ]
    assert alarms == []


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("language", ["es", "en"])
def test_nothing_is_found_in_the_tool_definitions(domain: str, language: str, house: Settings) -> None:
    definitions = [definition_of(tool, language) for tool in tools_of(domain)]
    assert false_alarms(walk_strings(definitions, "tools"), domain, language, house) == []


@pytest.mark.parametrize("text", ["Cuesta 9900 pesos al contado.", "Cuesta 990000 pesos."])
def test_a_price_after_a_verb_that_is_also_a_street_is_no_address(text: str, house: Settings) -> None:
    assert false_alarms(iter([("", text)]), "automotive.sales", "es", house) == []
