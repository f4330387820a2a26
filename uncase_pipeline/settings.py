"""One typed settings object, read from the environment. Knows names and bounds, not what they are for.

A wrong value stops the start with a sentence that names the variable and never shows a secret.
"""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from uncase_pipeline.errors import UncaseError


class Settings(BaseSettings):
    """Every knob. ``UNCASE_`` before the upper-cased name, except where another name is given."""

    model_config = SettingsConfigDict(
        env_prefix="UNCASE_", env_file=".env", extra="ignore", hide_input_in_errors=True, frozen=True
    )

    # the house
    env: Literal["development", "test", "production"] = "development"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    default_locale: str = Field(default="es", pattern=r"^[a-z]{2}([_-][A-Z]{2})?$")
    home: Path = Path(".uncase")
    """Keys, journals and ledgers; private to the machine."""
    lake: str = ".uncase/lake"
    """Where assets are stored: a folder, ``s3://…`` or ``gs://…``."""
    inbox: Path = Path("inbox")
    inbox_domain: str | None = None
    """Where the inbox folder holds the files of one domain and has no folder per domain: that domain."""
    feedback: Path = Path("feedback")
    feedback_tenants: list[str] = Field(default_factory=list)
    """Tenants whose production feedback may be used, as a JSON list; empty means all."""
    keep_versions: int = Field(default=3, ge=1)
    vault_key: SecretStr | None = None
    """Base64 of 32 bytes; without it ``vault_key_file`` is used, and created with mode 0600 on first use."""
    vault_key_file: Path | None = None
    signing_key_file: Path | None = None
    """Ed25519 private key (PEM) that signs certificates; without it one is made below ``home``."""
    processes: int = Field(default=0, ge=0)
    """Worker processes for CPU work; 0 is one per core."""
    database_url: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("DATABASE_URL", "UNCASE_DATABASE_URL")
    )

    # raw
    conversation_gap_minutes: int = Field(default=360, ge=1)
    """Silence after which a chat export starts a new conversation."""
    assistant_names: list[str] = Field(default_factory=list)
    """Business numbers or names whose turns are the assistant's, as a JSON list."""

    # anonymized
    pii_confidence_threshold: float = Field(default=0.85, ge=0, le=1)
    """Findings at or above it are reported as certain; those below it are masked all the same."""
    anonymize_policy: Literal["tokens", "surrogates"] = "tokens"
    anonymize_profile: Literal["strict", "balanced"] = "strict"
    recognizers: list[str] = Field(default_factory=list)
    """Presidio recognizers of your own, as a JSON list of ``module:Class``; they join the house's detectors."""

    # seeds
    seed_min_support: int = Field(default=1, ge=1)
    """k: source subjects that must share a seed's combination of facts."""
    seed_library: int = Field(default=20, ge=0, le=50)
    """Curated seeds added for each domain; each is a privacy unit of its own."""
    seed_model: str | None = None
    """A model that writes objective, tone and constraints of seeds, as ``UNCASE_MODEL``; off without one."""

    # generation
    model: str = "offline/simulator"
    conversations_per_seed: int = Field(default=4, ge=1)
    seed: int = 20_260_101
    """Recorded seed of every random choice, the DP noise and sampler excepted."""
    generation_mode: Literal["one_shot", "turns"] = "one_shot"
    """One answer per conversation (and one per tool call), or one per turn with a user simulator."""
    generation_temperature: float = Field(default=0.9, ge=0, le=2)
    generation_max_tokens: int = Field(default=4_096, ge=64)
    generation_tries: int = Field(default=2, ge=0)
    """Fresh tries after an answer and its repair were both unusable."""
    generation_width: int = Field(default=32, ge=1)
    """Conversations that are written at the same time."""
    rework_rounds: int = Field(default=1, ge=0)
    """How often a conversation that fails certification is sent back with what failed."""
    litellm_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("LITELLM_API_KEY", "UNCASE_LITELLM_API_KEY")
    )
    anthropic_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("ANTHROPIC_API_KEY", "UNCASE_ANTHROPIC_API_KEY")
    )

    # gateway
    fallback_models: list[str] = Field(default_factory=list)
    """Asked in this order where the model is down, as a JSON list."""
    api_base: str | None = None
    """Base URL of an OpenAI-compatible server, vLLM or Ollama."""
    privacy_mode: Literal["audit", "warn", "block"] = "block"
    """What happens to a prompt or an answer with identifiers in it."""
    shield_mode: Literal["audit", "warn", "block"] = "block"
    """The same for injection, jailbreak, prompt extraction and PII solicitation."""
    journal_encrypted: bool = False
    providers_key: SecretStr | None = None
    """Fernet keys of the provider registry, newest first, separated by commas; else ``providers.key``."""
    max_in_flight: int = Field(default=64, ge=1)
    """Ceiling of calls under way per provider and model; the number in force adapts below it."""
    requests_per_minute: float | None = Field(default=None, gt=0)
    request_timeout_seconds: float = Field(default=120, gt=0)
    max_attempts: int = Field(default=8, ge=1)
    breaker_failures: int = Field(default=20, ge=1)
    """Failures in a row, without one answer, after which a provider counts as down."""
    breaker_outage_seconds: float = Field(default=10, ge=0)
    """Time that those failures must span: a short outage fails every call under way at once."""
    breaker_seconds: float = Field(default=180, gt=0)
    """Time without one answer after which it counts as down, however few the failures."""
    max_output_tokens: int = Field(default=4096, ge=1)
    """``max_tokens`` of requests that name none; it bounds what a call can cost."""
    cap_usd_per_run: float | None = Field(default=None, ge=0)
    cap_usd_per_day: float | None = Field(default=None, ge=0)
    price_in_per_million: float | None = Field(default=None, ge=0)
    """Dollars per million tokens, for models that are not on LiteLLM's price map."""
    price_out_per_million: float | None = Field(default=None, ge=0)

    # exported
    export_formats: list[str] = Field(default_factory=list)
    """Formats to render, as a JSON list; empty means one of each family."""
    export_tool_mode: Literal["native", "function_calling", "inline"] = "native"
    """How tool use is written: by each template, or as text where templates drop what you need."""
    export_date: date | None = None
    """What templates that write today's date are told; without it, the day of the certificate."""
    export_shard_mb: int = Field(default=256, ge=1)
    """Size in memory at which a dataset file is cut."""
    export_licence: str = "other"
    """Licence identifier on the dataset card and in its Croissant metadata; yours to state."""
    export_tokenizer: Path | None = None
    """Folder of a base model's tokenizer: its own template is rendered too, its tokens are counted."""
    export_push: bool = False
    """Whether datasets may be pushed to a hub at all."""

    # certification
    compliance_profiles: list[str] = Field(default_factory=list)
    """HIPAA, GDPR, SOX, LFPDPPP, EU_AI_ACT, as a JSON list; of several, the strictest value wins."""
    thresholds: dict[str, float] = Field(default_factory=dict)
    """Stricter thresholds per metric, as a JSON object; looser ones are ignored."""
    judge_model: str | None = None
    """A model that rates every row beside the metrics, as ``UNCASE_MODEL``; off without one."""
    knowledge: Path | None = None
    """Knowledge base that facts of rows may come from: a text or JSONL file, or a folder, per domain if you like."""
    evaluation_set: Path | None = None
    """Conversations (native JSONL) that no certified row may share a run of words with."""
    embeddings: Path | None = None
    """Folder of a model2vec model (static embeddings) that measures drift from the source; off without one."""

    # training
    dp_epsilon: float = Field(default=8.0, gt=0)
    """What one training run may spend."""
    dp_epsilon_cap: float = Field(default=8.0, gt=0)
    """What any one subject may have spent over all runs; a decision of the privacy officer."""
    training_config: Path | None = None
    """TOML file with the fields of ``adapter.contract.AdapterSettings``; a run's own choices win over it."""
    training_executor: Literal["in-process", "subprocess", "docker", "k8s", "celery"] = "subprocess"
    base_model: str = "builtin:tiny-llama"
    mlflow_tracking_uri: str | None = Field(
        default=None, validation_alias=AliasChoices("MLFLOW_TRACKING_URI", "UNCASE_MLFLOW_TRACKING_URI")
    )

    def inbox_folder(self, domain: str) -> Path:
        """Return the folder whose files are this domain's."""
        return self.inbox if self.inbox_domain == domain else self.inbox / domain

    def feedback_folder(self, domain: str) -> Path:
        """Return the folder whose events are this domain's."""
        return self.feedback / domain


@cache
def settings() -> Settings:
    """Return the settings of this process.

    Raises:
        UncaseError: ``bad-setting``, naming the variable and what it must be, never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0])
        variable = name if name.isupper() else f"UNCASE_{name.upper()}"
        raise UncaseError(
            "bad-setting",
            f"{variable} has a wrong value: {first['msg']}.",
            "Correct it in the environment or .env.",
        ) from None
