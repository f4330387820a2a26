"""Static embeddings of texts from a local folder in the layout of model2vec. Knows no corpus, no network.

A text is the mean of the vectors of its tokens, as a unit vector; the order of its words plays no part.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from uncase_pipeline.errors import UncaseError

TOKENIZER, MATRIX = "tokenizer.json", "model.safetensors"

Ids = npt.NDArray[np.intp]
Vector = npt.NDArray[np.float64]


class Embedder:
    """Turns texts into vectors.

    Attributes:
        id: Hash of both files: what a certificate names the model by.
        vocabulary: How many tokens it knows.
    """

    def __init__(self, folder: Path) -> None:
        with _explained(folder):
            files = [(folder / name).read_bytes() for name in (TOKENIZER, MATRIX)]
            self._tokenizer = _tokenizer(files[0])
            self._rows = _rows(files[1])
        self.id = hashlib.sha256(b"".join(hashlib.sha256(file).digest() for file in files)).hexdigest()[:16]
        self.vocabulary = len(self._rows)
        if max(self._tokenizer.get_vocab().values(), default=0) >= self.vocabulary:
            raise _broken(folder, "has fewer vectors than its tokenizer has tokens")
        unknown = getattr(self._tokenizer.model, "unk_token", None)
        self._unknown = self._tokenizer.token_to_id(unknown) if unknown else None

    def ids(self, text: str) -> Ids:
        """Return the known tokens of a text."""
        ids = self._tokenizer.encode(text, add_special_tokens=False).ids
        return np.array([token for token in ids if token != self._unknown], np.intp)

    def embedded(self, ids: Ids) -> Vector | None:
        """Return the direction of these tokens; None where they have none."""
        total = self._rows[ids].sum(0, dtype=np.float64)
        length = float(np.linalg.norm(total))
        return total / length if length > 0 else None


def _tokenizer(file: bytes) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_buffer(file)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _rows(file: bytes) -> npt.NDArray[np.float32]:
    """Return a vector per token; a table that several tokens share is spread out, weights are applied."""
    from safetensors.numpy import load

    tensors = load(file)
    rows = tensors["embeddings"].astype(np.float32)
    if "mapping" in tensors:
        rows = rows[tensors["mapping"].astype(np.intp)]
    if "weights" in tensors:
        rows = rows * tensors["weights"].astype(np.float32)[:, None]
    if rows.ndim != 2 or not rows.size or not np.isfinite(rows).all():
        raise ValueError
    return rows


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Turn whatever the two libraries raise (``tokenizers`` a bare Exception) into one sentence."""
    try:
        yield
    except ImportError:
        raise UncaseError(
            "no-embeddings",
            "Embedding drift needs the libraries tokenizers and safetensors.",
            "Install the extra train: pip install 'uncase-pipeline[train]', or unset UNCASE_EMBEDDINGS.",
        ) from None
    except OSError:
        raise _broken(folder, f"can't be read as {TOKENIZER} and {MATRIX}") from None
    except Exception:
        raise _broken(folder, "holds no tokenizer with one finite matrix named embeddings") from None


def _broken(folder: Path, what: str) -> UncaseError:
    return UncaseError(
        "bad-embeddings",
        f"The embedding model {folder.name} {what}.",
        "Point UNCASE_EMBEDDINGS to a folder of a model2vec model, or unset it.",
    )
