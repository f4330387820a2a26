"""seeds: the plans of the anonymized conversations, and curated ones. No text of any source."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

from dagster import AssetCheckResult, AssetExecutionContext, MaterializeResult, asset

from uncase_pipeline.orchestration.gate import Verdict, gate_specs, settle
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.orchestration.partitions import DOMAIN_PARTITIONS
from uncase_pipeline.records.arrow import from_batches
from uncase_pipeline.records.seed_rows import read_seeds, write_seeds
from uncase_pipeline.seeds.audit import AUDITS, audit_seeds
from uncase_pipeline.seeds.build import Terms, make_seeds
from uncase_pipeline.seeds.library import chosen
from uncase_pipeline.seeds.summary import summary
from uncase_pipeline.storage.books import Books


@asset(
    deps=["anonymized_conversations"],
    partitions_def=DOMAIN_PARTITIONS,
    group_name="scsf",
    kinds={"parquet"},
    check_specs=gate_specs("seeds", *AUDITS),
)
def seeds(
    context: AssetExecutionContext, house: House
) -> Iterator[AssetCheckResult | MaterializeResult[Any]]:
    """Plans with typed, generalised facts: one for each anonymized conversation, and curated ones."""
    domain = context.partition_key
    settings, lake = house.settings, house.lake
    version = lake.require("anonymized_conversations", domain)
    terms = Terms(
        house.scanner,
        settings.seed_min_support,
        lake.vault.derive("control-group"),
        house.seed_writer(context.run.run_id, context.log.info),
    )

    def source() -> Iterator[Any]:
        return from_batches(version.batches("conversations.parquet"))

    library = partial(chosen, domain, count=settings.seed_library)
    with house.stage("seeds", domain) as stage:
        with Books.kept(stage) as books:
            books.tally.rows_out = write_seeds(stage, make_seeds(source, library, terms, books))
        judged = audit_seeds(partial(read_seeds, stage), source, terms)
        verdicts = [Verdict(**asdict(judgement)) for judgement in judged]
        yield from settle(stage, verdicts, books.tally, summary(read_seeds(stage), settings))
