"""Decides the format of a file by its content, and says why. Knows the registry, no single format."""

from dataclasses import dataclass

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.raw.formats.base import ODD, Claim, Format, Probe
from uncase_pipeline.raw.registry import FORMATS
from uncase_pipeline.raw.source import CannotReadError, Source

_ENOUGH = 0.3


@dataclass(frozen=True, slots=True)
class Detection:
    """What a file is taken for.

    Attributes:
        format: Name in the registry, None where no format claims the file.
        why: One sentence without content.
        confidence: 0 to 1; 1 where a person said it.
    """

    format: str | None
    why: str
    confidence: float


def detect(source: Source, override: str | None = None) -> Detection:
    """Return the format with the strongest claim.

    Args:
        source: The file.
        override: Name of the format that a person chose.

    Raises:
        UncaseError: ``unknown-format``.
    """
    if override is not None:
        return Detection(format_of(override).name, "chosen by you", 1.0)
    probe = Probe(source)
    claims = [(claim, name) for name, format in FORMATS.items() if (claim := _claim(format, probe))]
    if not claims:
        return Detection(None, f"{_looks_like(probe)}, and no format knows what is in it", 0.0)
    best, name = max(claims, key=lambda pair: pair[0].confidence)
    if best.confidence < _ENOUGH:
        return Detection(None, best.why, best.confidence)
    return Detection(name, f"{best.why}; {source.encoding}", round(best.confidence, 2))


def format_of(name: str) -> Format:
    """Return a format by its name.

    Raises:
        UncaseError: ``unknown-format``, naming those that exist.
    """
    try:
        return FORMATS[name]
    except KeyError:
        raise UncaseError(
            "unknown-format", f"There is no format {name!r}.", f"Use one of: {', '.join(FORMATS)}."
        ) from None


def _claim(format: Format, probe: Probe) -> Claim | None:
    """Return the claim of a format. One that stumbles over an oddly made record makes none."""
    try:
        return format.claim(probe)
    except (*ODD, CannotReadError):
        return None


def _looks_like(probe: Probe) -> str:
    if probe.framing != "none":
        return "it is JSON"
    return (
        "it is binary"
        if b"\x00" in probe.source.sample and probe.source.encoding == "utf-8"
        else "it is text"
    )
