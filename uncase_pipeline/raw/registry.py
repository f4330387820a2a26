"""All formats, in the order in which they are asked. A new format is one new file and one line here."""

from uncase_pipeline.raw.formats.base import Format, Shape, of_shape
from uncase_pipeline.raw.formats.dialogue import DIALOGUE
from uncase_pipeline.raw.formats.native import NATIVE
from uncase_pipeline.raw.formats.openai_messages import OPENAI
from uncase_pipeline.raw.formats.sharegpt import SHAREGPT
from uncase_pipeline.raw.formats.table import TABLE
from uncase_pipeline.raw.formats.transcript import TRANSCRIPT
from uncase_pipeline.raw.formats.whatsapp import WHATSAPP

SHAPES: tuple[Shape, ...] = (NATIVE, OPENAI, SHAREGPT, DIALOGUE)
"""Formats whose records are JSON objects; the more particular before the more tolerant."""

FORMATS: dict[str, Format] = {
    format.name: format
    for format in (
        WHATSAPP,
        *(of_shape(shape, lambda: SHAPES) for shape in SHAPES),
        TABLE,
        TRANSCRIPT,
    )
}
