"""``uncase verify``: whether a dataset is the one that a certificate was issued for."""

from pathlib import Path
from typing import Annotated

import typer

from uncase_pipeline.cli.output import AsJson, answer, errors_answered


def verify(
    certificate: Annotated[Path, typer.Argument(help="certificate.json of a version.")],
    dataset: Annotated[Path, typer.Argument(help="The certified file, a JSONL copy of it, or the folder.")],
    public_key: Annotated[
        Path | None, typer.Option(help="PEM file to trust; certificate.pub beside the certificate if absent.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say whether every byte of DATASET is as CERTIFICATE states, and what differs."""
    from uncase_pipeline.seal.verify import verify_files

    with errors_answered(as_json=as_json):
        verdict = verify_files(certificate, dataset, public_key)
        document = {
            "ok": verdict.ok,
            "differences": verdict.differences,
            "key_id": verdict.key_id,
            "key_given": public_key is not None,
            "predicate_type": verdict.statement and verdict.statement.predicate_type,
            "statement": verdict.statement and verdict.statement.predicate,
        }
        key = f"signed with key {verdict.key_id[:16]}"
        lines = [f"Verified: {dataset} is what was certified, {key}."]
        if not verdict.ok:
            lines = [f"Not verified: {dataset} is not what was certified.", *verdict.differences]
        elif public_key is None:
            lines.append("That key was found beside the certificate: compare it with the issuer's.")
        answer(document, as_json=as_json, text="\n".join(lines), yes=verdict.ok)
