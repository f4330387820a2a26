"""Croissant metadata (MLCommons, 1.0) of a dataset folder: files with hashes, splits, fields. Knows no row."""

from collections.abc import Mapping

from uncase_pipeline.exported.layout import DATA
from uncase_pipeline.exported.split import SPLITS
from uncase_pipeline.records.conversation import Json

CROISSANT_FILE = "croissant.json"

_CONTEXT: Json = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_FIELDS = {
    "conversation_id": "Id made from content.",
    "subject_id": "Unit of privacy: rows with the same one share a person or a seed.",
    "seed_id": "The seed that the conversation was made from.",
    "domain": "Domain of the conversation.",
    "language": "ISO 639-1.",
    "messages": "Turns, each as a JSON object with role, content and, where there are any, tool calls.",
    "tools": "Tool definitions as JSON.",
}


def croissant(about: Mapping[str, str], files: Mapping[str, str], sizes: Mapping[str, int]) -> Json:
    """Return the metadata.

    Args:
        about: Name, description, licence and provenance, under their schema.org names.
        files: SHA-256 of each file of the folder.
        sizes: Bytes of each of them.
    """
    shards = {split: _shards(split, files) for split in SPLITS}
    listed = [shard for names in shards.values() for shard in names]
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        **about,
        "isLiveDataset": False,
        "version": "1.0.0",
        "distribution": [_file(shard, files[shard], sizes[shard]) for shard in listed],
        "recordSet": [_records(shard) for shard in listed],
    }


def _shards(split: str, files: Mapping[str, str]) -> list[str]:
    return sorted(name for name in files if name.startswith(f"{DATA}/{split}-"))


def _file(name: str, digest: str, size: int) -> Json:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{size} B",
        "encodingFormat": "application/x-parquet",
        "sha256": digest,
    }


def _records(shard: str) -> Json:
    name = shard.rpartition("/")[2].removesuffix(".parquet")
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "field": [_field(name, shard, column, what) for column, what in _FIELDS.items()],
    }


def _field(records: str, shard: str, column: str, description: str) -> Json:
    return {
        "@type": "cr:Field",
        "@id": f"{records}/{column}",
        "name": column,
        "description": description,
        "dataType": "sc:Text",
        **({"repeated": True} if column == "messages" else {}),
        "source": {"fileObject": {"@id": shard}, "extract": {"column": column}},
    }
