"""What the memorization audit sees, and how often its verdict errs: overfit, with DP, with the noise left out."""

import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

RATE, DELTA = 0.25, 1e-5


def audits(steps: int) -> None:
    """Print the second table: the suite on an overfit adapter, with DP, and with the noise left out."""
    from uncase_pipeline.adapter.accountant import cost_of, noise_for
    from uncase_pipeline.adapter.attacks.control import overfit_subject
    from uncase_pipeline.adapter.attacks.suite import attack
    from uncase_pipeline.adapter.base import TINY, open_base
    from uncase_pipeline.adapter.contract import AttackSettings

    settings = AttackSettings()
    sigma = noise_for(8.0, DELTA, RATE, steps)
    spent = cost_of([(sigma, RATE, steps)], DELTA)
    print(
        f"\nDP below: sigma {sigma:.4f}, q {RATE}, T {steps}, delta {DELTA:g}: epsilon {spent.epsilon:.3f} "
        f"(PRV; RDP says {spent.epsilon_rdp:.3f})."
    )
    print(
        "\n| audit | rows | secrets | AUC | exposure bits | epsilon >= | CPU s |\n|---|---|---|---|---|---|---|"
    )
    dp = f"DP, epsilon {spent.epsilon:.2f}"
    for title, noise in (("overfit on purpose", None), (dp, sigma), ("noise left out", 0.0)):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            base = open_base(TINY, cache=folder)
            if noise is None:
                subject = overfit_subject(base.model, base.tokenizer, folder, 1)
            else:
                subject = private_subject(base, folder, noise, steps)
            started = time.process_time()
            found = attack(subject, settings, 1)
            seconds = time.process_time() - started
        print(
            f"| {title} | {found.rows.hits}/{found.rows.tries} | {found.canaries.hits}/{found.canaries.tries} "
            f"| {found.canary_auc:.2f} | {found.exposure_bits:.2f} | {found.epsilon_lower_bound:.2f} "
            f"| {seconds:.1f} |"
        )


def private_subject(base: Any, folder: Path, sigma: float, steps: int, canaries_drawn: int = 32) -> Any:
    """Train on invented rows and canaries with our private trainer, at this noise; at 0, with its checks off."""
    from itertools import islice

    from trl.trainer.sft_config import SFTConfig

    from uncase_pipeline.adapter.attacks.canaries import draw_canaries, encode_canaries
    from uncase_pipeline.adapter.attacks.suite import People, subject_of
    from uncase_pipeline.adapter.batches import UnitRows
    from uncase_pipeline.adapter.contract import AdapterSettings
    from uncase_pipeline.adapter.encode import encode
    from uncase_pipeline.adapter.lora import with_adapter
    from uncase_pipeline.adapter.plan import Plan
    from uncase_pipeline.adapter.tiny_llama.text import conversations
    from uncase_pipeline.adapter.trainer import PrivateSFTTrainer
    from uncase_pipeline.adapter.trainers import as_dataset

    class NoiseLeftOut(PrivateSFTTrainer):
        """What the audit must tell from ours."""

        def add_noise(self, total: Any, std: float) -> Any:
            return total

        def require_noise(self, totals: Any, noised: Any, std: float) -> None:
            return None

    canaries = draw_canaries(canaries_drawn, folder / "canaries.json")
    encoded = encode_canaries(canaries, base.tokenizer, 64)
    secrets = [row for canary, (row, _) in zip(canaries, encoded, strict=True) if canary.inserted]
    rows = [encode(turns, base.tokenizer, max_length=64) for turns in islice(conversations(9), 32)]
    kept = [row for row in rows if row is not None]
    members, others = kept[: len(kept) // 2], kept[len(kept) // 2 :]
    trained = [*members, *secrets]
    arguments = SFTConfig(
        output_dir=str(folder), max_steps=steps, learning_rate=5e-3, max_grad_norm=0.0, bf16=False, use_cpu=True,
        report_to=[], gradient_checkpointing=False, dataset_kwargs={"skip_prepare_dataset": True},
        max_length=None, lr_scheduler_type="constant", adam_beta2=0.99, weight_decay=0.0, disable_tqdm=True,
        logging_strategy="no", save_strategy="no",
    )  # fmt: skip
    trainer = (PrivateSFTTrainer if sigma else NoiseLeftOut)(
        model=with_adapter(base, AdapterSettings()),
        args=arguments,
        train_dataset=as_dataset(trained),
        processing_class=base.tokenizer,
    )
    plan = Plan(len(trained), steps, 5e-3, rate=RATE, sigma=sigma, clip=0.1, delta=DELTA)
    trainer.prepare(UnitRows(trained, range(len(trained))), plan, 8, lambda: None)
    trainer.train()
    return subject_of(
        trainer.model, base.tokenizer, People(members, range(len(members)), others), canaries, 64
    )


def error_rates(runs: int, steps: int) -> None:
    """Print how often DP adapters fail though nothing is wrong, and how often missing noise is seen."""
    from uncase_pipeline.adapter.accountant import noise_for
    from uncase_pipeline.adapter.attacks.suite import attack
    from uncase_pipeline.adapter.attacks.verdict import insertion_shows, judge
    from uncase_pipeline.adapter.base import TINY, open_base
    from uncase_pipeline.adapter.contract import AttackSettings

    settings, sigma = AttackSettings(), noise_for(8.0, DELTA, RATE, steps)
    print(
        "\n| training | secrets | runs | FAIL | by test | no PASS, insertion shows | mean AUC | rows verbatim |"
        "\n|---|---|---|---|---|---|---|---|"
    )
    for title, noise, canaries in (
        ("DP", sigma, 12), ("DP", sigma, 32), ("noise left out", 0.0, 32), ("noise left out", 0.0, 96),
    ):  # fmt: skip
        failed: Counter[str] = Counter()
        wrong, shown, auc, rows, tried = 0, 0, 0.0, 0, 0
        for number in range(runs):
            with tempfile.TemporaryDirectory() as name:
                base = open_base(TINY, cache=Path(name))
                subject = private_subject(base, Path(name), noise, steps, canaries)
                verdict = judge(attack(subject, settings, number), None, settings, 8.0)
            wrong += verdict.outcome == "FAIL"
            shown += insertion_shows(verdict.findings, settings)
            failed.update(test.name for test in verdict.tests if test.failed)
            auc += (verdict.findings.canary_auc or 0.5) / runs
            rows, tried = rows + verdict.findings.rows.hits, tried + verdict.findings.rows.tries
        said = ", ".join(f"{name} {count}" for name, count in failed.items()) or "-"
        print(
            f"| {title} | {canaries} | {runs} | {wrong} | {said} | {shown} | {auc:.2f} | {rows}/{tried} |",
            flush=True,
        )
