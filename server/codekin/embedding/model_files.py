"""The files of the bundled model's directory: read, checked against the hashes in its card, decoded."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from codekin.errors import EmbedderError

BUNDLED = Path(__file__).parent / "static_model"
WEIGHTS, _TOKENIZER, _CARD = "model.safetensors", "tokenizer.json", "codekin.json"


def read_card(directory: Path) -> dict[str, str]:
    """Name, dimension and hashes of the model. Raises EmbedderError."""
    try:
        card: dict[str, str] = {key: str(value) for key, value in json.loads(_read(directory / _CARD)).items()}
    except (ValueError, AttributeError) as error:
        raise _damaged(directory / _CARD) from error
    return card


def read_vocabulary(directory: Path) -> list[str]:
    """Tokens by their number. Raises EmbedderError."""
    try:
        vocabulary: dict[str, int] = json.loads(_read(directory / _TOKENIZER))["model"]["vocab"]
        return sorted(vocabulary, key=vocabulary.__getitem__)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(directory / _TOKENIZER) from error


def read_checked(file: Path, sha256: str | None) -> bytes:
    """The bytes of a published file. Raises EmbedderError where they are others."""
    data = _read(file)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise _damaged(file)
    return data


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EmbedderError(f"{path} cannot be read ({error.strerror}): install codekin again.") from error


def _damaged(path: Path) -> EmbedderError:
    return EmbedderError(f"{path} is not the file that was published: install codekin again.")
