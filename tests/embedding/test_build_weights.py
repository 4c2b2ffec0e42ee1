"""The build of codekin-deep-model takes published weights by hash, or says where to get them."""

from __future__ import annotations

import hashlib
import sys
import urllib.error
import zipfile

import pytest

from support.places import ROOT

pytest.importorskip("setuptools", reason="setuptools is not installed, and builds the distribution")
sys.path.insert(0, str(ROOT / "server" / "deep_model"))
import build_weights

FILES = {"model.onnx": b"a network", "tokenizer.json": b"{}"}


@pytest.fixture(autouse=True)
def published(monkeypatch):
    """Small files as the published ones, and none beside the checkout."""
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in FILES.items()}
    monkeypatch.setattr(build_weights, "PUBLISHED", digests)
    monkeypatch.setattr(build_weights, "BESIDE", ROOT / "no such folder")


def from_source(source, monkeypatch):
    monkeypatch.setenv(build_weights.VARIABLE, str(source))
    return build_weights.published_files()


def test_they_are_taken_from_a_folder_a_file_or_an_archive(tmp_path, monkeypatch):
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "model_int8.onnx").write_bytes(FILES["model.onnx"])
    (folder / "tokenizer.json").write_bytes(FILES["tokenizer.json"])
    assert from_source(folder, monkeypatch) == FILES
    assert from_source(folder / "model_int8.onnx", monkeypatch) == FILES
    archive = tmp_path / "published.jar"
    with zipfile.ZipFile(archive, "w") as written:
        written.write(folder / "model_int8.onnx", "deep/inside/model.onnx")
        written.write(folder / "tokenizer.json", "deep/inside/tokenizer.json")
    assert from_source(archive, monkeypatch) == FILES


def test_other_files_are_refused_with_what_is_missing(tmp_path, monkeypatch):
    (tmp_path / "model.onnx").write_bytes(b"another network")
    (tmp_path / "tokenizer.json").write_bytes(FILES["tokenizer.json"])
    with pytest.raises(
        build_weights.WeightsError, match=r"no file with the published content of model\.onnx of.*To fix"
    ):
        from_source(tmp_path, monkeypatch)
    with pytest.raises(build_weights.WeightsError, match="is not a file or folder"):
        from_source(tmp_path / "no" / "where", monkeypatch)


def test_without_a_network_the_remedy_is_named(monkeypatch):
    def refuse(*_arguments, **_options):
        raise urllib.error.URLError("no route to host")

    monkeypatch.delenv(build_weights.VARIABLE, raising=False)
    monkeypatch.setattr(build_weights.urllib.request, "urlopen", refuse)
    with pytest.raises(build_weights.WeightsError, match=r"cannot be downloaded.*To fix.*CODEKIN_DEEP_WEIGHTS"):
        build_weights.published_files()


def test_what_is_built_is_checked_before_it_is_kept(tmp_path, monkeypatch):
    (tmp_path / "codekin.json").write_text('{"sha256": {"tokenizer.json": "0"}}')
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    monkeypatch.setattr(build_weights, "PACKAGE", tmp_path)
    monkeypatch.setattr(build_weights, "with_seven_bits", lambda model: model)
    monkeypatch.setenv(build_weights.VARIABLE, str(tmp_path))
    with pytest.raises(build_weights.WeightsError, match="instead of 0"):
        build_weights.prepare()
