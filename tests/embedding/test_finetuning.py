"""The deep model can be trained: its file becomes a network, and a network is written into it."""

from __future__ import annotations

import itertools
import json
import lzma
import sys

import pytest

from support.places import ROOT

pytest.importorskip("onnx", reason="onnx is not installed, and training requires it")
pytest.importorskip("torch", reason="torch is not installed, and training requires it")
pytest.importorskip("codekin_deep_model", reason="codekin-deep-model is not installed, so there is nothing to train")
sys.path.insert(0, str(ROOT / "server" / "training"))
import bert
import finetune
import torch
from transformers import BertConfig, BertModel

from codekin.embedding.onnx import OnnxEmbedder

MODEL = ROOT / "server" / "deep_model" / "codekin_deep_model"
TEXT = "def retry(call): repeat a call that failed, with a delay"


@pytest.fixture(scope="module")
def data():
    return (MODEL / "model.onnx").read_bytes()


@pytest.fixture(scope="module")
def network(data):
    return bert.network(data)


@pytest.fixture
def texts():
    return finetune.Texts(MODEL / "tokenizer.json")


def pairs(count=40, repositories=4):
    """Pairs of several repositories, all different."""
    return [
        {
            "kind": "doc",
            "repo": f"r{n % repositories}",
            "path": f"p{n:03}.py",
            "query": f"find {n}",
            "code": f"def f{n}()",
        }
        for n in range(count)
    ]


def test_the_network_has_the_vectors_of_the_file(network, texts):
    with torch.no_grad():
        (vector,) = finetune.vectors(network, texts.tensors([TEXT], 128, "cpu")).numpy()
    # The file computes with activations of 8 bits, the network with floats.
    assert float(vector @ OnnxEmbedder(MODEL).embed_passages([TEXT])[0]) > 0.98


def test_a_changed_network_is_written_into_the_file(network, data, texts, tmp_path):
    layer = network.encoder.layer[5].output.dense
    before = layer.weight.detach().clone()
    try:
        with torch.no_grad():
            layer.weight.mul_(-1.0)
            (vector,) = finetune.vectors(network, texts.tensors([TEXT], 128, "cpu")).numpy()
        (tmp_path / "model.onnx").write_bytes(bert.written(network, data))
    finally:
        with torch.no_grad():
            layer.weight.copy_(before)
    for name in ("tokenizer.json", "config_sentence_transformers.json"):
        (tmp_path / name).write_bytes((MODEL / name).read_bytes())
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_text('{"pooling_mode": "cls"}')
    (tmp_path / "codekin.json").write_text('{"split_identifiers": true}')
    changed = OnnxEmbedder(tmp_path).embed_passages([TEXT])[0]
    assert float(changed @ vector) > 0.98
    assert float(changed @ OnnxEmbedder(MODEL).embed_passages([TEXT])[0]) < 0.9


def test_pairs_of_one_file_or_with_one_text_are_not_negatives(texts):
    pair = {"kind": "doc", "repo": "r", "query": "find", "code": "def find()"}
    own = [pair | {"path": "a.py"}, pair | {"path": "a.py", "query": "look"}, pair | {"path": "b.py"}]
    batch = finetune._batch(own, "", finetune.random.Random(1))
    assert batch.same.tolist() == [[False, True, True], [True, False, False], [True, False, False]]
    near = torch.nn.functional.normalize(torch.eye(3) + 0.5, dim=-1)
    assert finetune.loss(near, near, torch.from_numpy(batch.same)) < finetune.loss(near, near, torch.zeros(3, 3) > 0)


def test_too_few_pairs_are_refused(tmp_path):
    file = tmp_path / "pairs.jsonl.xz"
    with lzma.open(file, "wt", encoding="utf-8") as written:
        written.write(json.dumps(pairs()[0]) + "\n")
    with pytest.raises(ValueError, match="To fix: give files with more pairs"):
        next(finetune.batches(finetune.runs([file]), "", 1))


def small():
    """A network of one layer, with the vocabulary of the real one."""
    torch.manual_seed(1)
    sizes = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    return BertModel(BertConfig(vocab_size=30522, **sizes), add_pooling_layer=False)


def test_training_lowers_the_loss_and_continues_from_its_checkpoint(texts, tmp_path):
    file = tmp_path / "pairs.jsonl.xz"
    with lzma.open(file, "wt", encoding="utf-8") as written:
        written.writelines(json.dumps(pair) + "\n" for pair in pairs())
    batch = next(finetune.batches(finetune.runs([file]), "", 1))
    assert len(batch.queries) == len(batch.codes) == 40
    training = finetune.Training(small(), texts, 4, "cpu")
    losses = [training.step(batch) for _ in range(3)]
    assert losses[-1] < losses[0]
    training.save(tmp_path / "checkpoint.pt")
    again = finetune.Training(small(), texts, 4, "cpu")
    again.load(tmp_path / "checkpoint.pt")
    assert again.done == 3
    finetune.train(again, itertools.repeat(batch), 4, float("inf"), tmp_path / "checkpoint.pt")
    assert again.done == 4
    learnt = dict(training.model.named_parameters())
    for name, values in again.model.named_parameters():
        assert torch.isfinite(values).all(), name
        assert torch.equal(values, learnt[name]) == name.startswith("embeddings."), name
