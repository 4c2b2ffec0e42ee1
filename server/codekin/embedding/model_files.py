"""The files in the bundled model's directory: read, verified by the hashes in its card, decoded."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path

import numpy as np

from codekin.errors import EmbedderError

BUNDLED = Path(__file__).parent / "static_model"
WEIGHTS, SIMILAR_WORDS, _TOKENIZER, _CARD = "model.safetensors", "kin.safetensors", "tokenizer.json", "codekin.json"
_DTYPES = {"I8": np.int8, "U8": np.uint8, "U16": np.uint16, "F16": np.float16, "F32": np.float32}


def read_card(directory: Path) -> dict[str, str]:
    """Return name, dimension and hashes of the model. Raises EmbedderError."""
    try:
        card: dict[str, str] = {key: str(value) for key, value in json.loads(_read(directory / _CARD)).items()}
    except (ValueError, AttributeError) as error:
        raise _damaged(directory / _CARD) from error
    return card


def read_vocabulary(directory: Path) -> list[str]:
    """Return the tokens by number. Raises EmbedderError."""
    try:
        vocabulary: dict[str, int] = json.loads(_read(directory / _TOKENIZER))["model"]["vocab"]
        return sorted(vocabulary, key=vocabulary.__getitem__)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(directory / _TOKENIZER) from error


def read_checked(file: Path, sha256: str | None) -> bytes:
    """Return the content of a published file. Raises EmbedderError if the hash differs."""
    data = _read(file)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise _damaged(file)
    return data


def tensor(data: bytes, name: str) -> np.ndarray:
    """Return one tensor of a safetensors file.

    The file has 8 bytes of header length, the header in JSON, and the data.
    """
    (length,) = struct.unpack_from("<Q", data)
    entry = json.loads(data[8 : 8 + length])[name]
    begin, end = entry["data_offsets"]
    body = memoryview(data)[8 + length + begin : 8 + length + end]
    result: np.ndarray = np.frombuffer(body, dtype=_DTYPES[entry["dtype"]]).reshape(entry["shape"])
    return result


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EmbedderError(f"Could not read {path}: {error.strerror}. To fix: install codekin again.") from error


def _damaged(path: Path) -> EmbedderError:
    return EmbedderError(f"{path} differs from the published file. To fix: install codekin again.")
