import pytest

from uncase_pipeline.anonymized.anonymizer import Anonymizer
from uncase_pipeline.anonymized.audit import Auditor
from uncase_pipeline.anonymized.detect import Detectors, load_chain
from uncase_pipeline.anonymized.scanner import ChainScanner


@pytest.fixture(scope="session")
def chain() -> Detectors:
    return load_chain()


@pytest.fixture(scope="session")
def anonymizer(chain: Detectors) -> Anonymizer:
    return Anonymizer(chain, Auditor(ChainScanner(chain, "gate")))


@pytest.fixture(scope="session")
def gate(chain: Detectors) -> ChainScanner:
    return ChainScanner(chain, "gate")


@pytest.fixture(scope="session")
def found(chain: Detectors):
    """Return a function: the identifiers of a text as ``(type, text)``."""

    def find(text, **options):
        return [(span.entity, text[span.start : span.end]) for span in chain.find(text, **options)]

    return find
