"""What training may be told, and the one document that crosses into the training process. Knows no torch."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from uncase_pipeline.records.ids import content_id


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class LoraSettings(_Part):
    """Shape of the adapter."""

    r: int = Field(default=16, ge=1)
    alpha: int = Field(default=32, ge=1)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    """Under differential privacy dropout only adds to the noise: 0 is right there."""
    targets: str | list[str] = "all-linear"


class TrainingSettings(_Part):
    """How long and how fast to train. None means: chosen from the size of base and dataset."""

    objective: Literal["sft", "dpo"] = "sft"
    """Supervised on the exported rows, or by preference on pairs: exported ones, anonymized feedback, a file."""
    start: Literal["base", "published"] = "base"
    """Where learning by preference starts: a fresh adapter, or the domain's published supervised one."""
    preference_file: Path | None = None
    """More pairs: JSON lines with ``prompt``, ``chosen``, ``rejected``, and ``subject_id`` where one is known."""
    max_length: int = Field(default=1_024, ge=16)
    steps: int | None = Field(default=None, ge=1)
    epochs: float = Field(default=3.0, gt=0)
    """Without ``steps``: passes over the data."""
    learning_rate: float | None = Field(default=None, gt=0)
    batch: int = Field(default=16, ge=1)
    """Conversations a step; with privacy, units expected in a Poisson batch."""
    micro_batch: int = Field(default=8, ge=1)
    """Conversations that go through the model at once: memory, never the result."""
    processes: int = Field(default=1, ge=1)
    """Processes of this machine that share each step, one per GPU; they are started by themselves."""
    rows_per_unit: int | None = Field(default=None, ge=1)
    """With privacy: rows that a drawn unit brings to a step, chosen anew each time; None means all of them."""
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    gradient_checkpointing: Literal["off", "non-reentrant", "reentrant"] = "off"
    assistant_only_loss: bool = True
    checkpoint_every: int = Field(default=25, ge=1)
    evaluate_every: int = Field(default=25, ge=1)
    dpo_beta: float = Field(default=0.1, gt=0)
    seed: int = 20_260_101
    """Order and initial weights. The noise and the sampler of DP-SGD take none: they come from the OS."""


class PrivacySettings(_Part):
    """DP-SGD. On by default; what is refused is in ``guards``."""

    enabled: bool = True
    epsilon: float = Field(default=8.0, gt=0)
    epsilon_cap: float = Field(default=8.0, gt=0)
    """Most that any one subject may have spent over all runs; the strictest compliance profile lowers it."""
    delta: float | None = Field(default=None, gt=0, lt=1)
    """None: the smaller of 1e-5 and a tenth of 1/N."""
    clip: float = Field(default=0.1, gt=0)
    minimum_units: int = Field(default=100, ge=1)
    accept_small_population: bool = False
    """Train though there are fewer units than ``minimum_units``; the statement says so."""
    twin: bool = False
    """Also train the same without privacy, for its held-out loss alone; refused where compliance caps epsilon."""


class AttackSettings(_Part):
    """The memorization audit."""

    enabled: bool = True
    canaries: int = Field(default=32, ge=0)
    """Each is inserted by a fair coin; the others are its control group."""
    rows: int = Field(default=2_000, ge=1)
    """Most rows of each side, trained on or not, that are attacked."""
    targets: int = Field(default=400, ge=1)
    """Most answers of each side that the extraction attacks try."""
    prefix_tokens: int = Field(default=8, ge=1)
    suffix_tokens: int = Field(default=12, ge=1)
    extraction_bound: float = Field(default=0.01, gt=0, le=0.01)
    """Stricter, never looser: a pass proves at least this."""
    confidence: float = Field(default=0.95, ge=0.95, le=0.99)
    """Of a pass; luck alone fails an adapter with what is left. Higher, and hardly anything could fail one."""
    positive_control: bool = True
    """Also attack an adapter that is made to overfit: a suite that misses it proves nothing."""


class AdapterSettings(_Part):
    """Everything that a person may choose for one adapter."""

    base_model: str = "builtin:tiny-llama"
    """``builtin:tiny-llama``, ``builtin:random``, a folder, or a hub id."""
    revision: str | None = None
    quantization: Literal["none", "nf4"] = "none"
    lora: LoraSettings = LoraSettings()
    training: TrainingSettings = TrainingSettings()
    privacy: PrivacySettings = PrivacySettings()
    attacks: AttackSettings = AttackSettings()
    retrain: bool = False
    """Train again, and spend again, though this very adapter is already published."""


class PairSources(_Part):
    """Preference pairs beside the exported ones: paths and ids, never content."""

    feedback: Path | None = None
    """Anonymized conversations, some of which came back from production with an answer that lost."""
    file: Path | None = None
    file_sha256: str | None = None
    """Of the file as it was scanned: nothing else may be learned from."""
    people: dict[str, str] = Field(default_factory=dict)
    """Keyed id of the person behind each pair of the file, by its place there."""
    held_out: list[str] = Field(default_factory=list)
    refused: dict[str, str] = Field(default_factory=dict)
    """Reason by place in the file."""
    booked: list[str] = Field(default_factory=list)
    """Keys of the ledger for everybody whom a pair is learned from, also those of their synthetic rows."""


class StartingPoint(_Part):
    """The published adapter that a run goes on from, which is its reference as well."""

    version: str
    folder: Path
    base_digest: str
    job: str
    """Under which it was booked."""
    privacy: "PrivacyStatement"


class TrainingJob(_Part):
    """What the training process is told: paths, hashes and settings. Never content."""

    domain: str
    dataset: Path
    dataset_version: str
    dataset_digest: str
    work: Path
    """Checkpoints, counters and the adapter until it is published. Private to the machine."""
    cache: Path
    """Where bases that the project builds are kept."""
    ledger: Path
    """The privacy ledger, which training books in before its first step."""
    settings: AdapterSettings
    tracking_uri: str
    real: Path | None = None
    """Anonymized conversations, to measure on."""
    real_ids: list[str] = Field(default_factory=list)
    """Which of them are of the control group."""
    pairs: PairSources = PairSources()
    start: StartingPoint | None = None

    @property
    def id(self) -> str:
        """Names the job: same data and settings, same id, so that a killed run finds its checkpoints."""
        settings = self.settings.model_dump(
            mode="json", exclude={"retrain": True, "privacy": {"epsilon_cap"}, "training": {"start"}}
        )
        start = [self.start.version] if self.start else []
        return content_id("job", self.domain, self.dataset_digest, settings, *start)


class Learning(_Part):
    """Whether the adapter learned: held-out loss with the same mask before and after, and how far it moved.

    Of pairs the loss is that of DPO, which starts at log 2.
    """

    held_out_rows: int
    loss_before: float
    loss_after: float
    loss_in_context: float | None
    """Of the base with one example in its context: what a prompt gives without training."""
    real_rows: int
    real_loss_before: float | None
    real_loss_after: float | None
    """On anonymized conversations of the control group: real people whom no seed was made from."""
    weights_moved: float
    """Norm of the change that the adapter makes, B·A over all layers."""
    held_out_preferred: float | None = None
    """Of pairs: share of held-out ones whose better answer gained more than the other."""
    loss_twin: float | None = None
    """After the same training without privacy; the twin itself is kept nowhere."""

    @property
    def learned(self) -> bool:
        """Whether weights moved and the held-out loss fell."""
        return self.weights_moved > 0 and self.loss_after < self.loss_before


class PrivacyStatement(_Part):
    """What is promised to whom. Everything that a reader needs to check it."""

    enabled: bool
    mechanism: str
    unit: str
    adjacency: str
    units: int
    rows: int
    epsilon: float | None
    epsilon_rdp: float | None
    epsilon_target: float | None
    delta: float | None
    sigma: float | None
    rate: float | None
    clip: float | None
    steps: int
    steps_released: int
    """Noisy steps that were taken, those that a kill threw away included."""
    steps_noise_checked: int
    """Steps whose noise was measured, before any weight saw them, and had the promised size."""
    epsilon_total: float | None
    """Of the most exposed subject, over this and all earlier runs."""
    per_row_epsilon: dict[str, float]
    """What epsilon k rows a person would mean, had each row been a unit."""
    largest_unit_rows: int
    overrides: list[str]
    not_covered: list[str]


Outcome = Literal["PASS", "FAIL", "INCONCLUSIVE"]


class Extraction(_Part):
    """How often text came out word for word."""

    tries: int
    hits: int
    upper_bound: float


class Membership(_Part):
    """How well one score tells training rows from those of held-out people."""

    score: str
    members: int
    others: int
    auc: float | None
    tpr_at_1_fpr: float | None


class Findings(_Part):
    """What the attacks got out of one adapter. Counts and rates; what came out is kept nowhere."""

    rows: Extraction
    """Answers of training people that belong to one unit alone, by aligned prefix."""
    others: Extraction
    """The same of held-out people: the negative control."""
    rows_base: Extraction
    """The same targets under the base alone: the other negative control."""
    canaries: Extraction
    canaries_left_out: Extraction
    canary_auc: float | None
    canary_p: float | None
    exposure_bits: float | None
    epsilon_lower_bound: float
    """One-run audit, at delta 1e-5."""
    membership: list[Membership]
    rows_p: float | None = None
    """Chance of such an excess of training people over held-out ones, had whole units been dealt out at random."""
    guesses: int = 0
    """Secrets on whose insertion the one-run audit staked a guess."""
    guesses_right: int = 0


class AuditTest(_Part):
    """One test of the family that a verdict rests on."""

    name: str
    p_value: float
    """1 where there was nothing to test."""
    threshold: float
    """After Holm's correction for the whole family."""
    failed: bool


class Audit(_Part):
    """The memorization audit of one adapter."""

    outcome: Outcome
    reasons: list[str]
    findings: Findings
    control: Findings | None
    tests: list[AuditTest] = Field(default_factory=list)


class TrainingResult(_Part):
    """What the training process hands back, beside the adapter's folder. Figures and hashes, no text."""

    job_id: str
    domain: str
    dataset_version: str
    settings: AdapterSettings
    learning: Learning
    privacy: PrivacyStatement
    audit: Audit | None
    rows_in: int
    rows_left_out: dict[str, str]
    """Reason by conversation id."""
    rows_shortened: dict[str, int] = Field(default_factory=dict)
    """Rows that were too long, by what was given up so that they fit."""
    digests: dict[str, str]
    versions: dict[str, str]
    base: str
    base_note: str
    started_from: str | None = None
    """Version of the published adapter that this one goes on from."""
    revision: str | None
    trainable_parameters: int
    peak_memory_mb: float
    tokens_per_second: float
    seconds: float
    mlflow_run: str | None
    resumed_from: int

    def figures(self) -> dict[str, float]:
        """Return what is plotted over runs."""
        figures = {
            "loss_before": self.learning.loss_before,
            "loss_after": self.learning.loss_after,
            "tokens_per_second": self.tokens_per_second,
            "peak_memory_mb": self.peak_memory_mb,
        }
        if self.privacy.epsilon is not None:
            figures["epsilon"] = self.privacy.epsilon
        if self.learning.loss_twin is not None:
            figures["loss_twin"] = self.learning.loss_twin
        if self.audit is not None and self.audit.findings.canary_auc is not None:
            figures["canary_auc"] = self.audit.findings.canary_auc
        return figures
