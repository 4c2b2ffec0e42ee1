"""The deep model as a network that can be trained: out of its ONNX file, and back into it.

Matrices of the file are 8-bit integers with a scale for each column. They are multiplied out to
start from, so that float weights need not be fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from transformers import BertConfig, BertModel

_LAYER = re.compile(r"^/(encoder/layer\.\d+/.+)/MatMul_quant$")
_QUANTIZED, _SCALE, _ZERO = "_quantized", "_scale", "_zero_point"
LEVELS = 127
"""Largest weight that is written; the build of the package narrows it to 7 bits."""


def network(data: bytes) -> BertModel:
    """Return the encoder with the weights of an ONNX file, in evaluation mode."""
    file = onnx.load_from_string(data)
    tensors = {tensor.name: tensor for tensor in file.graph.initializer}
    matrices = dict(_matrices(file))
    words, positions = (_rows(tensors, f"embeddings.{what}_embeddings.weight") for what in ("word", "position"))
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=words.shape[1],
        num_hidden_layers=1 + max(int(parameter.split(".")[2]) for parameter in matrices),
        num_attention_heads=_heads(file),
        intermediate_size=numpy_helper.to_array(tensors["encoder.layer.0.intermediate.dense.bias"]).size,
        max_position_embeddings=len(positions),
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        # Plain products of matrices: on a CPU, fused attention takes a third more time per step.
        attn_implementation="eager",
    )
    model = BertModel(config, add_pooling_layer=False)
    values = {}
    for parameter in model.state_dict():
        if parameter in matrices:
            name = matrices[parameter]
            scale = numpy_helper.to_array(tensors[name.removesuffix(_QUANTIZED) + _SCALE])
            values[parameter] = (numpy_helper.to_array(tensors[name]).astype(np.float32) * scale).T
        else:
            values[parameter] = _rows(tensors, parameter)
    model.load_state_dict({parameter: torch.from_numpy(np.array(row)) for parameter, row in values.items()})
    return model.eval()


def written(model: BertModel, data: bytes) -> bytes:
    """Return the ONNX file with the weights of a network whose word vectors were not changed."""
    file = onnx.load_from_string(data)
    tensors = {tensor.name: tensor for tensor in file.graph.initializer}
    matrices = dict(_matrices(file))
    for parameter, values in model.state_dict().items():
        row = values.detach().float().cpu().numpy()
        if parameter in matrices:
            name = matrices[parameter]
            scale = tensors[name.removesuffix(_QUANTIZED) + _SCALE]
            scales = np.abs(row).max(axis=1) / np.float32(LEVELS)
            whole = np.rint(row / np.maximum(scales, np.finfo(np.float32).tiny)[:, None]).astype(np.int8)
            tensors[name].CopyFrom(numpy_helper.from_array(np.ascontiguousarray(whole.T), name))
            scale.CopyFrom(numpy_helper.from_array(scales.astype(np.float32), scale.name))
        elif not parameter.startswith("embeddings.") or "LayerNorm" in parameter:
            tensors[parameter].CopyFrom(numpy_helper.from_array(row, parameter))
    result: bytes = file.SerializeToString(deterministic=True)
    return result


def _matrices(file: onnx.ModelProto) -> Iterator[tuple[str, str]]:
    """Yield the name of each parameter that is a matrix of integers, and its name in the file."""
    for node in file.graph.node:
        if node.op_type == "MatMulInteger" and (found := _LAYER.match(node.name)):
            yield f"{found[1].replace('/', '.')}.weight", node.input[1]


def _rows(tensors: dict[str, onnx.TensorProto], parameter: str) -> np.ndarray:
    """Return a parameter as floats; embeddings are integers with a single scale."""
    if parameter in tensors:
        return np.array(numpy_helper.to_array(tensors[parameter]))
    whole = numpy_helper.to_array(tensors[parameter + _QUANTIZED]).astype(np.float32)
    zero = numpy_helper.to_array(tensors[parameter + _ZERO]).astype(np.float32)
    return np.asarray((whole - zero) * numpy_helper.to_array(tensors[parameter + _SCALE]), dtype=np.float32)


def _heads(model: onnx.ModelProto) -> int:
    """Return the number of attention heads, from the shape into which states are brought."""
    shape = next(node for node in model.graph.node if node.name == "/encoder/layer.0/attention/self/Concat")
    constant = next(node for node in model.graph.node if node.output[0] == shape.input[2])
    return int(numpy_helper.to_array(constant.attribute[0].t).item())
