"""A writer of ONNX graphs: the few protocol buffer messages that a transformer needs.

It needs no library.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

_IR_VERSION = 8
_OPSETS = {"": 17, "com.microsoft": 1}
_TYPES = {np.dtype(np.float32): 1, np.dtype(np.int8): 3, np.dtype(np.int64): 7}
_FLOAT, _INT, _INTS = 1, 2, 7
_VARINT, _FIXED32, _BYTES = 0, 5, 2
_MORE = 0x80
"""Set in every byte of a number except the last."""


class Graph:
    """Nodes in the order they are added, and weights by name.

    The order must be a valid execution order.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[bytes] = []
        self._weights: list[bytes] = []

    def weight(self, name: str, values: npt.NDArray[Any]) -> str:
        """Store an array of float32, int8 or int64; return its name."""
        dims = b"".join(_number(1, size) for size in values.shape)
        body = dims + _number(2, _TYPES[values.dtype]) + _text(8, name)
        self._weights.append(body + _field(9, np.ascontiguousarray(values).tobytes()))
        return name

    def node(
        self,
        operator: str,
        inputs: Sequence[str],
        output: str,
        *,
        more: Sequence[str] = (),
        domain: str = "",
        **attributes: float | Sequence[int],
    ) -> str:
        """Add a node; return `output`.

        An omitted input is "". `more` are the outputs after the first.
        """
        names = [_text(1, name) for name in inputs] + [_text(2, name) for name in (output, *more)]
        body = [*names, _text(3, output), _text(4, operator)]
        body.extend(_field(5, _attribute(name, value)) for name, value in attributes.items())
        self._nodes.append(b"".join([*body, _text(7, domain)]))
        return output

    def model(self, inputs: Mapping[str, Sequence[str]], outputs: Mapping[str, Sequence[str]]) -> bytes:
        """Return the content of the file.

        Inputs are int64 and outputs float32, each with the names of its dimensions.
        """
        graph = b"".join(
            [
                *(_field(1, node) for node in self._nodes),
                _text(2, self._name),
                *(_field(5, weight) for weight in self._weights),
                *(_field(11, _value(name, 7, dims)) for name, dims in inputs.items()),
                *(_field(12, _value(name, 1, dims)) for name, dims in outputs.items()),
            ]
        )
        opsets = [_field(8, _text(1, domain) + _number(2, version)) for domain, version in _OPSETS.items()]
        return b"".join([_number(1, _IR_VERSION), _text(2, "codekin"), _field(7, graph), *opsets])


def _value(name: str, kind: int, dims: Iterable[str]) -> bytes:
    shape = b"".join(_field(1, _text(2, dim)) for dim in dims)
    return _text(1, name) + _field(2, _field(1, _number(1, kind) + _field(2, shape)))


def _attribute(name: str, value: float | Sequence[int]) -> bytes:
    if isinstance(value, float):
        return _text(1, name) + _tag(2, _FIXED32) + struct.pack("<f", value) + _number(20, _FLOAT)
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, _INT)
    return _text(1, name) + b"".join(_number(8, item) for item in value) + _number(20, _INTS)


def _tag(field: int, wire: int) -> bytes:
    return _varint(field << 3 | wire)


def _number(field: int, value: int) -> bytes:
    return _tag(field, _VARINT) + _varint(value & 0xFFFF_FFFF_FFFF_FFFF)


def _text(field: int, text: str) -> bytes:
    return _field(field, text.encode())


def _field(field: int, body: bytes) -> bytes:
    return _tag(field, _BYTES) + _varint(len(body)) + body


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= _MORE:
        out.append(value & (_MORE - 1) | _MORE)
        value >>= 7
    out.append(value)
    return bytes(out)
