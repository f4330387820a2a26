"""The resource that every asset takes: settings, lake and scanner, opened where they are used."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from dagster import ConfigurableResource

from uncase_pipeline.orchestration.sealed import sealed_errors
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.finding import Scanner
from uncase_pipeline.records.quality import QualityReport
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.settings import Settings, settings
from uncase_pipeline.storage.lake import Lake, Stage

if TYPE_CHECKING:
    from uncase_pipeline.orchestration.seed_writer import SeedWriter


class House(ConfigurableResource):  # type: ignore[type-arg]
    """What the environment of this process configures. Opens nothing when it is made."""

    @property
    def settings(self) -> Settings:
        """The settings of this process."""
        return settings()

    @cached_property
    def lake(self) -> Lake:
        """The lake, with its vault."""
        return Lake.open(self.settings)

    @contextmanager
    def stage(self, asset: str, partition: str) -> Iterator[Stage]:
        """Stage a version of an asset; an error inside leaves no trace and shows no content."""
        with sealed_errors(), self.lake.stage(asset, partition) as stage:
            yield stage

    @cached_property
    def scanner(self) -> Scanner:
        """The full detector chain; loaded on first use."""
        from uncase_pipeline.anonymized.scanner import build_scanner

        return build_scanner(self.settings)

    def seed_writer(self, run_id: str, log: Callable[[str], None]) -> "SeedWriter | None":
        """What asks a model about the drafts of seeds; None where no model is set for it."""
        from uncase_pipeline.orchestration.seed_writer import SeedWriter

        model = self.settings.seed_model
        return SeedWriter(model, self.settings, self.scanner, run_id, log) if model else None

    @cached_property
    def judge(self) -> Callable[[Conversation, Seed], QualityReport]:
        """The certifying metrics, for rows that are still being made; loaded on first use."""
        from uncase_pipeline.certified.row_judge import row_judge

        return row_judge(self.scanner, self.settings)
