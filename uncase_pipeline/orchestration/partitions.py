"""The partitions of every asset: the six domains."""

from dagster import StaticPartitionsDefinition

from uncase_pipeline.domains import DOMAINS

DOMAIN_PARTITIONS = StaticPartitionsDefinition(list(DOMAINS))
