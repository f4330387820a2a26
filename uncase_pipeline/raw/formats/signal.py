"""Signal chats as signal-export writes them: ``[2024-03-13, 09:05] Name: text``. Read as WhatsApp's are."""

import re

from uncase_pipeline.raw.formats.base import Claim, Format, Probe
from uncase_pipeline.raw.formats.whatsapp import WHATSAPP

_HEADER = re.compile(r"^[ \t]*+\[\d{4}-\d\d-\d\d,? \d\d:\d\d\] [^:\n]{1,100}:", re.MULTILINE)


def _claim(probe: Probe) -> Claim | None:
    found = len(_HEADER.findall(probe.head))
    starts = _HEADER.match(probe.head.lstrip()) is not None
    return Claim(0.97, f"{found} headers of signal-export") if starts and WHATSAPP.claim(probe) else None


SIGNAL = Format("signal", _claim, WHATSAPP.read)
