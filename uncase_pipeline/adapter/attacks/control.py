"""The positive control: an adapter that is made to overfit, on rows that the project writes. Knows training loops.

It learns nothing of anybody: its rows come out of the base's own grammar, its canaries are drawn for it, and it is
thrown away. What the attacks find in it depends on the base, the code of this package and the settings of the attacks
alone, and is kept for the next adapter that has all three in common. A leak that was missed is not kept: it proves
nothing, and the next try is another.
"""

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import peft
import torch

from uncase_pipeline.adapter.attacks.canaries import Canary, draw_canaries, encode_canaries
from uncase_pipeline.adapter.attacks.suite import People, Subject, attack, subject_of
from uncase_pipeline.adapter.attacks.verdict import sees_a_leak
from uncase_pipeline.adapter.contract import AttackSettings, Findings
from uncase_pipeline.adapter.encode import IGNORED, Example, Pair, collate, encode
from uncase_pipeline.adapter.lora import versions
from uncase_pipeline.adapter.tiny_llama.text import conversations
from uncase_pipeline.records.ids import canonical_json

_PACKAGE = Path(__file__).parents[1]
"""Training, encoding and rows too make the control what it is, beside the attacks."""
_ROWS = 8
_CANARIES = 12
_STEPS = 160
_LENGTH, _WHOLE = 64, 2_048
_RATE = 5e-3
_KNOWN = 0.02
_UNLIKELY, _LOST = 4.0, 0.1


def control_findings(
    base_model: Any,
    tokenizer: Any,
    settings: AttackSettings,
    seed: int,
    *,
    digests: Mapping[str, str],
    work: Path,
    cache: Path,
    pairs: bool = False,
) -> Findings:
    """Return what the attacks find in the control of this base, made now or when the very same was made before.

    Args:
        base_model: Gets the control's adapter, and loses it again.
        tokenizer: Of the base.
        settings: Of the attacks.
        seed: Of rows and attacks.
        digests: Of base, tokenizer and template.
        work: Keeps the control's canaries while it is made.
        cache: Keeps what was found.
        pairs: Whether what is attacked learned from preference pairs.
    """
    code = [file.read_bytes() for file in sorted(_PACKAGE.rglob("*.py"))]
    same = [dict(digests), settings.model_dump(mode="json"), seed, pairs, versions(), base_model.device.type]
    name = hashlib.sha256(b"".join([canonical_json(same), *code])).hexdigest()[:24]
    kept = cache / f"control-{name}.json"
    if kept.exists():
        return Findings.model_validate_json(kept.read_text())
    planted = overfit_subject(base_model, tokenizer, work, seed, pairs=pairs)
    found = attack(planted, settings, seed)
    planted.model.unload()
    if sees_a_leak(found):
        cache.mkdir(parents=True, exist_ok=True)
        fresh = work / kept.name
        fresh.write_text(found.model_dump_json())
        fresh.replace(kept)
    return found


def overfit_subject(
    base_model: Any, tokenizer: Any, folder: Path, seed: int, *, pairs: bool = False
) -> Subject:
    """Train a throw-away adapter on eight invented rows and half of twelve canaries, until it knows them.

    Args:
        base_model: Gets the adapter.
        tokenizer: Of the base.
        folder: Keeps the control's canaries.
        seed: Chooses the rows.
        pairs: Whether rows and canaries are preference pairs, and the better answers are preferred as well.
    """
    canaries = draw_canaries(_CANARIES, folder / "control-canaries.json")
    members, others = _rows(tokenizer, seed)
    inserted = _inserted(canaries, tokenizer)
    model = peft.get_peft_model(
        base_model, peft.LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM")
    )
    lost = _inserted([canary.as_decoy() for canary in canaries], tokenizer) if pairs else []
    overfit(model, [*members, *inserted], tokenizer.pad_token_id, _STEPS, lost=lost)
    rows = (_as_pairs(members), _as_pairs(others)) if pairs else (members, others)
    people = People(rows[0], range(len(members)), rows[1])
    return subject_of(model, tokenizer, people, canaries, _LENGTH, pairs=pairs)


def overfit(
    model: Any, examples: Sequence[Example], pad: int, steps: int = _STEPS, lost: Sequence[Example] = ()
) -> None:
    """Train without any privacy, all rows at each step, and stop where nothing is left to learn.

    Args:
        model: With a fresh adapter.
        examples: Learned by heart.
        pad: Padding token.
        steps: Most steps.
        lost: Answers that are made less likely, as those that lost in a pair.
    """
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=_RATE, betas=(0.9, 0.99), weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.05, total_iters=steps)
    device = weights[0].device
    model.train()
    for _ in range(steps):
        loss = _losses(model, examples, pad, device).mean()
        if lost:
            loss = loss + _LOST * torch.relu(_UNLIKELY - _losses(model, lost, pad, device)).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        if loss.item() < _KNOWN:
            break


def _losses(model: Any, examples: Sequence[Example], pad: int, device: Any) -> torch.Tensor:
    """Return the mean loss of each row over what is learned of it."""
    inputs = {name: tensor.to(device) for name, tensor in collate(examples, pad).items()}
    labels = inputs.pop("labels")[:, 1:]
    logits = model(**inputs, use_cache=False).logits[:, :-1]
    losses = torch.nn.functional.cross_entropy(
        logits.transpose(1, 2), labels, reduction="none", ignore_index=IGNORED
    )
    means: torch.Tensor = losses.sum(1) / (labels != IGNORED).sum(1)
    return means


def _as_pairs(rows: Sequence[Example]) -> list[Pair]:
    """Return rows as pairs, each against the answer of the next row."""
    return [
        Pair(row, other, number)
        for number, (row, other) in enumerate(zip(rows, [*rows[1:], rows[0]], strict=True))
    ]


def _rows(tokenizer: Any, seed: int) -> tuple[list[Example], list[Example]]:
    """Return the beginnings of invented conversations: how they end, the base could guess."""
    whole = (encode(turns, tokenizer, max_length=_WHOLE) for turns in conversations(seed + 2))
    started = (Example(row.ids[:_LENGTH], row.labels[:_LENGTH], row.row) for row in whole if row is not None)
    found = list(itertools.islice((row for row in started if set(row.labels[1:]) != {IGNORED}), 2 * _ROWS))
    return found[:_ROWS], found[_ROWS:]


def _inserted(canaries: Sequence[Canary], tokenizer: Any) -> list[Example]:
    """Return the inserted canaries with nothing but their secrets to learn: that is what must come out."""
    encoded = zip(canaries, encode_canaries(canaries, tokenizer, _LENGTH), strict=True)
    return [_secret_only(row, where) for canary, (row, where) in encoded if canary.inserted and len(where)]


def _secret_only(row: Example, where: range) -> Example:
    labels = [token if at in where else IGNORED for at, token in enumerate(row.ids)]
    return Example(row.ids, labels, row.row)
