"""Encoders in ONNX, run by onnxruntime on the CPU (`codekin[deep]`): the deep model, or any other.

A model is a folder as sentence-transformers writes it: the network, `tokenizer.json`, the pooling
in `1_Pooling/config.json`, and optionally prompts and the largest number of tokens.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np

from codekin.domain.ports import Vectors
from codekin.errors import EmbedderError

DEEP_DISTRIBUTION = "codekin-deep-model"
_NETWORKS = (
    *("model.onnx", "onnx/model.onnx", "model_int8.onnx", "onnx/model_int8.onnx"),
    *("model_quantized.onnx", "onnx/model_quantized.onnx"),
)
"""Where a network may be in its folder; the first that exists is used."""
_TOKENIZER, _CARD = "tokenizer.json", "codekin.json"
_TOKENS = 256
"""Number of tokens from which a text is cut, unless the model's card or limit says otherwise."""
_CHARACTERS_PER_TOKEN = 16
_CASE_CHANGE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")
_BYTES_OF_NAME = 4


_Settings = TypeVar("_Settings", bound=msgspec.Struct)


class _Card(msgspec.Struct):
    """What `codekin.json` says beyond the files of sentence-transformers; all of it is optional."""

    name: str = ""
    tokens: int = 0
    split_identifiers: bool = False
    """Whether identifiers are split into words first, for models that were trained on prose."""
    sha256: dict[str, str] = {}


class _Pooling(msgspec.Struct):
    pooling_mode: str | list[str] = ""
    pooling_mode_cls_token: bool = False
    pooling_mode_mean_tokens: bool = False


class _Limit(msgspec.Struct):
    max_seq_length: int | None = None


class _Prompts(msgspec.Struct):
    prompts: dict[str, str] = {}


class OnnxEmbedder:
    """One encoder. Each call runs on the calling thread, one text at a time.

    So the caller controls the number of processors and the priority, and the vector of a text does
    not depend on others: activations of quantised models are scaled by the largest of a batch.
    """

    def __init__(self, directory: Path) -> None:
        onnxruntime, tokenizers = _libraries()
        self._card = _read(directory / _CARD, _Card) or _Card()
        network = next((directory / name for name in _NETWORKS if (directory / name).is_file()), None)
        if network is None or not (directory / _TOKENIZER).is_file():
            raise EmbedderError(
                f"{directory} does not contain an encoder: {_TOKENIZER} and one of {', '.join(_NETWORKS)} are required."
            )
        data = _checked(directory, network, self._card)
        _checked(directory, directory / _TOKENIZER, self._card)
        self._first_token_only = _takes_first_token(directory)
        prompts = (_read(directory / "config_sentence_transformers.json", _Prompts) or _Prompts()).prompts
        self._query_prompt = prompts.get("query", "")
        self._passage_prompt = prompts.get("document", prompts.get("passage", ""))
        self._tokens = self._card.tokens or _limit(directory)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session: Any = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
            self._tokenizer: Any = tokenizers.Tokenizer.from_file(str(directory / _TOKENIZER))
        except Exception as error:  # the libraries raise types of their own, without a common base
            raise EmbedderError(f"The encoder in {directory} cannot be loaded: {error}") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self._tokens)
        self._inputs = {one.name for one in self._session.get_inputs()}
        self.dim = len(self._embed(""))
        digest = hashlib.sha256(data).hexdigest()[: 2 * _BYTES_OF_NAME]
        self.name = self._card.name or f"onnx-{directory.name}-{digest}"

    @classmethod
    def bundled(cls, package: str) -> OnnxEmbedder:
        """Return the deep model, whose files are in a package. Raises EmbedderError."""
        return cls(_folder(package))

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder`; about 45 texts per second of one core for the deep model."""
        rows = np.empty((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[:] = self._embed(self._passage_prompt + self._prepared(text[: _CHARACTERS_PER_TOKEN * self._tokens]))
        return rows

    def embed_query(self, text: str) -> Vectors:
        """See `Embedder`; 5 to 30 ms for the deep model, by the length of the text."""
        return self._embed(self._query_prompt + text[: _CHARACTERS_PER_TOKEN * self._tokens])

    def _prepared(self, text: str) -> str:
        return _CASE_CHANGE.sub(" ", text) if self._card.split_identifiers else text

    def _embed(self, text: str) -> Vectors:
        # The tokenizer rejects lone surrogates.
        ids = np.array([self._tokenizer.encode(text.encode("utf-8", "replace").decode()).ids], dtype=np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        states = self._session.run(None, {name: given[name] for name in self._inputs})[0][0]
        vector: Vectors = np.array(states[0] if self._first_token_only else states.mean(axis=0), dtype=np.float32)
        vector /= max(float(np.linalg.norm(vector)), 1e-12)
        return vector


def bundled_name(package: str) -> str:
    """Return the name in the card of the deep model. Raises EmbedderError."""
    path = _folder(package) / _CARD
    card = _read(path, _Card)
    if card is None or not card.name:
        raise EmbedderError(f"{path} does not name the model. To fix: install {DEEP_DISTRIBUTION} again.")
    return card.name


def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise EmbedderError(
            f"The deep model is not installed. To fix: run `pip install {DEEP_DISTRIBUTION}`, or, in a clone of "
            "codekin, `pip install ./server/deep_model`."
        )
    return Path(spec.origin).parent


def _libraries() -> tuple[Any, Any]:
    try:
        import onnxruntime  # noqa: PLC0415 - optional, and slow to import
        import tokenizers  # noqa: PLC0415
    except ImportError as error:
        raise EmbedderError(
            f"The deep model needs {error.name}, which cannot be imported. "
            "To fix: run `pip install onnxruntime tokenizers`."
        ) from error
    return onnxruntime, tokenizers


def _checked(directory: Path, file: Path, card: _Card) -> bytes:
    """Return the content of a file. Raises EmbedderError if the card has another hash for it."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise EmbedderError(f"Could not read {file}: {error.strerror}.") from error
    wanted = card.sha256.get(file.relative_to(directory).as_posix())
    if wanted is not None and hashlib.sha256(data).hexdigest() != wanted:
        raise EmbedderError(f"{file} differs from the published file. To fix: install {DEEP_DISTRIBUTION} again.")
    return data


def _takes_first_token(directory: Path) -> bool:
    """Return whether the first token's state is the vector of the text, not the mean of all."""
    path = directory / "1_Pooling" / "config.json"
    pooling = _read(path, _Pooling)
    if pooling is not None:
        modes = [pooling.pooling_mode] if isinstance(pooling.pooling_mode, str) else pooling.pooling_mode
        if pooling.pooling_mode_cls_token or modes == ["cls"]:
            return True
        if pooling.pooling_mode_mean_tokens or modes == ["mean"]:
            return False
    raise EmbedderError(
        f"{path} does not say how the vectors of tokens become that of a text. To fix: write it there, "
        '{"pooling_mode": "cls"} or {"pooling_mode": "mean"}, as the card of the model says.'
    )


def _limit(directory: Path) -> int:
    limit = _read(directory / "sentence_bert_config.json", _Limit)
    return min(_TOKENS, limit.max_seq_length) if limit and limit.max_seq_length else _TOKENS


def _read(path: Path, kind: type[_Settings]) -> _Settings | None:
    """Return a configuration file, None if there is none. Raises EmbedderError if it is wrong."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise EmbedderError(f"Could not read {path}: {error}.") from error
