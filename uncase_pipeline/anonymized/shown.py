"""What the UI shows of a masked partition: counts and shares, never content. Knows no Dagster but its metadata."""

from collections import Counter
from typing import Any

from uncase_pipeline.anonymized.meter import Recall
from uncase_pipeline.anonymized.publish import Masking


def shown(masking: Masking) -> dict[str, Any]:
    """Return metadata that the UI plots over time and shows as a table."""
    from dagster import MetadataValue, TableColumn, TableRecord, TableSchema

    schema = TableSchema([TableColumn("entity"), TableColumn("masked", "int")])
    records = [
        TableRecord({"entity": entity, "masked": count}) for entity, count in masking.entities.most_common()
    ]
    rows = masking.tally.rows_in or 1
    return {
        "masked": masking.entities.total(),
        "masked_with_certainty": masking.certain,
        "entities": MetadataValue.table(records, schema=schema),
        "plot": MetadataValue.md(bars(masking.entities)),
        "share_quarantined": masking.tally.quarantined.total() / rows,
        "megabytes_per_second": masking.characters / 1e6 / max(masking.seconds, 1e-9),
        **{f"masked_{entity.lower()}": count for entity, count in sorted(masking.entities.items())},
    }


def recall_table(recalls: list[Recall]) -> dict[str, Any]:
    """Return the recall meter's figures as a table, and the lowest bound as a number to plot."""
    from dagster import MetadataValue, TableColumn, TableRecord, TableSchema

    if not recalls:
        return {}
    columns = [TableColumn(name) for name in ("entity", "language")]
    columns += [TableColumn(name, "int") for name in ("planted", "found")]
    columns += [TableColumn(name, "float") for name in ("recall", "low", "high")]
    records = [
        TableRecord(
            {
                "entity": recall.entity,
                "language": recall.language,
                "planted": recall.planted,
                "found": recall.found,
                "recall": round(recall.share, 4),
                "low": round(recall.interval[0], 4),
                "high": round(recall.interval[1], 4),
            }
        )
        for recall in recalls
    ]
    return {
        "recall": MetadataValue.table(records, schema=TableSchema(columns)),
        "planted": sum(recall.planted for recall in recalls),
        "found": sum(recall.found for recall in recalls),
        "lowest_bound": min(recall.interval[0] for recall in recalls),
    }


def bars(counts: Counter[str]) -> str:
    """Return a bar chart that Markdown renders as it is."""
    if not counts:
        return "Nothing was masked."
    longest = max(counts.values())
    lines = (
        f"{entity:<18}{'█' * max(1, round(30 * count / longest))} {count}"
        for entity, count in counts.most_common()
    )
    return "```\n" + "\n".join(lines) + "\n```"
