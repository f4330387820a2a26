"""`uncase erase`: removes one person from every published version and keeps them out."""

from typing import Annotated

import typer

from uncase_pipeline.cli.output import AsJson, answer, errors_answered
from uncase_pipeline.domains import DOMAINS
from uncase_pipeline.records.subject import subject_id
from uncase_pipeline.settings import settings
from uncase_pipeline.storage.erase import Erasure, erase_subject, remember_erasure
from uncase_pipeline.storage.lake import Lake


def erase_command(
    subject: Annotated[
        str, typer.Argument(help="Phone, mail, account or name as in the export, or a subj_ id.")
    ],
    as_json: AsJson = False,
) -> None:
    """Erase a person: their rows are removed, what was derived from them is withdrawn, imports skip them."""
    with errors_answered(as_json=as_json):
        config = settings()
        lake = Lake.open(config)
        key = lake.vault.derive("subject-id")
        erased = subject if subject.startswith("subj_") else subject_id(subject, key)
        remember_erasure(config.home, erased)
        done = [item for domain in DOMAINS for item in erase_subject(lake, domain, erased)]
        document = {
            "subject_id": erased,
            "erased": [
                {"domain": item.domain, "asset": item.asset, "rows": item.rows, "withdrawn": item.withdrawn}
                for item in done
            ],
        }
        answer(document, as_json=as_json, text=_text(done), yes=bool(done))


def _text(done: list[Erasure]) -> str:
    if not done:
        return "No published version holds this person. Later imports will leave them out."
    lines = [
        f"{item.domain}  {item.asset}: {'withdrawn' if item.withdrawn else f'{item.rows} rows removed'}"
        for item in done
    ]
    domains = sorted({item.domain for item in done})
    return "\n".join([*lines, f"Make what was withdrawn again: uncase run {' '.join(domains)}"])
