"""A reader of safetensors files: 8 bytes of header length, the header in JSON, the data."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import numpy.typing as npt

_DTYPES = {
    "I8": np.int8,
    "U8": np.uint8,
    "U16": np.uint16,
    "F16": np.float16,
    "F32": np.float32,
    "I64": np.int64,
}


def tensors(data: bytes) -> dict[str, npt.NDArray[Any]]:
    """Return all tensors by name, each in its own dtype, as read-only views of `data`.

    Raises ValueError, KeyError or struct.error if `data` is not a safetensors file or has a dtype
    that codekin does not use.
    """
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    body = memoryview(data)[8 + length :]
    return {
        name: np.frombuffer(body[slice(*entry["data_offsets"])], dtype=_DTYPES[entry["dtype"]]).reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__"
    }
