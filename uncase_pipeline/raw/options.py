"""What a reader is told besides the file. Knows settings, not formats."""

from dataclasses import dataclass, field
from functools import cached_property

from uncase_pipeline.domains import Domain, domain_of
from uncase_pipeline.settings import Settings


@dataclass(frozen=True)
class ReadOptions:
    """How files of one partition are to be read: by the settings, which ``folder_rules`` change for some files.

    Attributes:
        domain: Where the conversations belong, and what their speakers are called there.
        locale: Decides day and month order where a file can't.
        locale_chosen: Whether a person chose it, so that it outweighs what a file only suggests.
        gap_seconds: Silence after which a chat export starts a new conversation.
        assistant_names: Names or numbers whose turns are the assistant's.
        format: Format to use without looking, None to detect it.
        subject_key: Key of the pseudonymous subject ids; without it there are none.
        max_record_bytes: Longest record that is read; a longer one is set aside alone.
    """

    domain: Domain
    locale: str = "es"
    locale_chosen: bool = False
    gap_seconds: int = 360 * 60
    assistant_names: tuple[str, ...] = field(default=())
    format: str | None = None
    subject_key: bytes | None = None
    max_record_bytes: int = 32 * 1024 * 1024

    @classmethod
    def of(
        cls, settings: Settings, domain: str, *, subject_key: bytes | None = None, format: str | None = None
    ) -> "ReadOptions":
        """Take the options from the settings.

        Raises:
            UncaseError: ``unknown-domain``.
        """
        return cls(
            domain=domain_of(domain),
            locale=settings.default_locale,
            locale_chosen="default_locale" in settings.model_fields_set,
            gap_seconds=settings.conversation_gap_minutes * 60,
            assistant_names=tuple(settings.assistant_names),
            format=format,
            subject_key=subject_key,
        )

    @cached_property
    def labels(self) -> dict[str, str]:
        """What a speaker of each role is called in the domain."""
        return {
            "user": self.domain.user,
            "assistant": self.domain.assistant,
            "system": "system",
            "tool": "tool",
        }

    @cached_property
    def day_first(self) -> bool:
        """Whether the locale writes the day before the month."""
        language, _, country = self.locale.replace("-", "_").partition("_")
        return country not in {"US", "PH"} if country else language != "en"
